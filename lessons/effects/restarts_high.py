"""Restarts once more, at three times the rate: each restart undoes more than it finds."""

from lessons.effects.restarts import accuracy, ways

TITLE = "SGD with restarts, high rate"
MEASURE = "validation accuracy on the nursery after 7 epochs of SGD at 0.03, %"
BETTER = "higher"
ARMS = ways(accuracy, 0.03)
