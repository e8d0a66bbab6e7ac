package dynamo

// Open gives back the delivery that a quarantined item holds in its attribute raw, for whoever looks at it by hand.
func Open(raw []byte) ([]byte, error) { return newPacker().unpack(raw) }
