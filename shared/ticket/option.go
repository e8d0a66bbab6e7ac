package ticket

// OptionOf is an act as its decision turned out: allowed, or refused with the sentence of err.
func OptionOf(err error) Option { return option(err) }
