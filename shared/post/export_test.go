package post

// WeightOfCodePoints is Weight by configuration 2, in which the official cases are written.
func WeightOfCodePoints(text string) int { return weigh(text, false) }
