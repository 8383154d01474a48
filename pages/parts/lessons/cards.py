"""The five lessons: what a class predicts, looks at and explains, and what the teacher should know."""

from dataclasses import dataclass

from pages.shared.language import N_


@dataclass(frozen=True)
class Step:
    """One step of a lesson. page: the page on which it is done, or "" if the class only talks."""

    minutes: int
    text: str
    page: str = ""
    link: str = ""


@dataclass(frozen=True)
class Lesson:
    """A lesson of ten minutes: predict, look, explain; then notes for the teacher only."""

    title: str
    question: str
    predict: Step
    look: Step
    explain: Step
    answer: str
    pitfall: str
    further: str

    @property
    def steps(self) -> tuple[tuple[str, Step], ...]:
        return (N_("Predict"), self.predict), (N_("Look"), self.look), (N_("Explain"), self.explain)

    @property
    def minutes(self) -> int:
        return sum(step.minutes for _, step in self.steps)


LESSONS = (
    Lesson(
        title=N_("What a computer sees"),
        question=N_("A digit in the corner of the page, tiny: can it still be read?"),
        predict=Step(
            2,
            N_(
                "Draw a small 3 in one corner of the paper, but do not look at the answer yet. Write down: "
                "will it be read as a 3? Why, or why not?"
            ),
            "draw",
            N_("Draw a digit"),
        ),
        look=Step(
            5,
            N_(
                "Look at the strip *What the network sees*. Which step finds the ink, which one cuts it out, "
                "which one moves it to the middle? Switch off *20 × 20*, then *Centred*, and watch the "
                "answer."
            ),
            "draw",
            N_("Draw, with its steps"),
        ),
        explain=Step(
            3,
            N_(
                "In one sentence each: what is a pixel? Why is every digit brought to the same size and "
                "place before the network sees it?"
            ),
        ),
        answer=N_(
            "The network always sees 28 × 28 numbers between 0 (paper) and 1 (ink). It learnt from "
            "digits that fill the same box and lie in the middle. To the network, one that lies elsewhere "
            "looks like nothing that it knows. Preparing the picture often matters more than the network."
        ),
        pitfall=N_(
            "“The computer sees a 3” is what students say. Insist on “it gets 784 numbers”: show the "
            "picture with the large squares."
        ),
        further=N_("What preparation do other things need: faces, voices, a sentence?"),
    ),
    Lesson(
        title=N_("What a network is"),
        question=N_("Ten answers, thousands of numbers: how does one come from the other?"),
        predict=Step(
            2,
            N_(
                "The network ends in ten numbers, one for each digit. You will cover part of a 7. Which of "
                "the "
                "ten will grow?"
            ),
        ),
        look=Step(
            5,
            N_(
                "Draw a 7. Point at a pixel of the first layer: its inputs, its weights, their sum. Then "
                "open *Why* and ask “why not 1?” At the end switch maps off, one by one: how many can be "
                "missing?"
            ),
            "inside",
            N_("Look inside"),
        ),
        explain=Step(
            3,
            N_(
                "Explain to your neighbour what a weight is, without the word “weight”. What would the sum "
                "be on empty paper?"
            ),
        ),
        answer=N_(
            "Each unit multiplies what it gets by its weights and adds it all up. Nothing else "
            "happens, a few hundred thousand times. Early maps answer to edges in one direction; later ones "
            "to what is made of edges. On empty paper every product is 0, so that only the bias is left."
        ),
        pitfall=N_(
            "No single map “is” the 7. Take away one and the answer usually stays: what was learnt "
            "is spread over many of them."
        ),
        further=N_("*Break it*: at which angle does a 6 become a 9 for the network, and at which for you?"),
    ),
    Lesson(
        title=N_("Learning by heart"),
        question=N_("It gets every digit right that it has practised on. Is it good?"),
        predict=Step(
            2,
            N_(
                "A large network learns from 1,000 digits only, again and again. Sketch two curves: how well "
                "it reads the digits that it practises on, and how well it reads new ones."
            ),
        ),
        look=Step(
            5,
            N_(
                "Open the recorded run *overfitting on 1,000 digits* and replay it. Where do the two curves "
                "part? Compare with the recorded run on 55,000 digits."
            ),
            "train",
            N_("Recorded runs on Train"),
        ),
        explain=Step(
            3,
            N_(
                "Where in school does somebody learn by heart without understanding? How would a test find "
                "that out?"
            ),
        ),
        answer=N_(
            "The training curve goes to 100 % while the validation curve stays behind: the "
            "network has learnt those very pictures. More pictures, changed pictures or stopping earlier "
            "help. This is why accuracy is counted on digits that it did not train on."
        ),
        pitfall=N_(
            "A loss that rises while the accuracy stays the same is no contradiction: the network "
            "grows surer of its mistakes."
        ),
        further=N_(
            "Train *mlp-128* on 1,000 digits with and without dropout; who comes closer to the 55,000?"
        ),
    ),
    Lesson(
        title=N_("Better, or luckier?"),
        question=N_("One network reads 99.1 % and another 99.2 %. Which one do you choose?"),
        predict=Step(
            2,
            N_(
                "Toss a coin ten times, everybody for themselves. Who has seven heads or more? Is that a "
                "better coin?"
            ),
        ),
        look=Step(
            5,
            N_(
                "Open *Two by two* and choose two networks whose accuracies are close. How many digits does "
                "only one of them miss? Read the verdict, then choose two that are far apart."
            ),
            "compare",
            N_("Compare two by two"),
        ),
        explain=Step(
            3,
            N_(
                "Why is it not enough to compare the two percentages? And why must nobody choose a network "
                "by its test digits?"
            ),
        ),
        answer=N_(
            "Only the digits that one network misses and the other reads tell the two apart. If those "
            "are split about evenly, a coin would do the same (McNemar's test is that coin). And if you "
            "try many networks on the test and take the best, you have selected luck, too."
        ),
        pitfall=N_(
            "“Not proven to be better” is not “equally good”: with more digits the difference might show."
        ),
        further=N_(
            "The same network, trained with another seed, misses other digits. How far do they differ?"
        ),
    ),
    Lesson(
        title=N_("Who is it unfair to?"),
        question=N_("It reads nearly everybody's digits. Whose does it misread?"),
        predict=Step(
            2,
            N_(
                "It learnt from digits that Americans wrote around 1990. Whose handwriting in this room "
                "will it "
                "read worst, and which of their digits?"
            ),
        ),
        look=Step(
            5,
            N_(
                "Everybody adds the ten digits to the class set, as they usually write them. Then open *Our "
                "digits*: by student, by digit, by network. Look at the ones it missed."
            ),
            "classroom",
            N_("Our class"),
        ),
        explain=Step(
            3,
            N_(
                "Who has to change: the people, or the network? What would you need to make it fair, and who "
                "should check that it is?"
            ),
        ),
        answer=N_(
            "A 1 with a long upstroke, a crossed 7, an open 4 are rare in its training digits, so "
            "they are missed more often. The average hides that. Digits by such people must be in the "
            "training data and in the test, and somebody must count each group separately."
        ),
        pitfall=N_("Names and nicknames on a projected list: show only digits, or ask first."),
        further=N_("Train on the class set as well, and measure on new digits of the same people."),
    ),
)
