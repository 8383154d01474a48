"""How well networks read: metrics, comparisons, calibration, receipts."""
