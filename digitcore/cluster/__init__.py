"""Trainings and readings on other machines, over Dask."""
