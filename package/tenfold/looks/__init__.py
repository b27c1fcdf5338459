"""What a learner shows of its model: predictions, judgements, its inside, its surroundings."""
