"""The course: lessons read from their sources, built, checked, and the student's progress."""
