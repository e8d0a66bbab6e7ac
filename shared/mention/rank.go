package mention

// Rank orders the statuses of one message to one person, because they come in any order: of two, the one of the higher rank
// stands, and one of a lower rank that comes later changes nothing. What arrived did not fail, whatever was said before.
// It is 0 for what says nothing about the way of a message.
func (e Event) Rank() int {
	if e.Outcome != Status {
		return 0
	}
	for i, flag := range []string{FlagDeleted, FlagPlayed, FlagRead, FlagDelivered, FlagFailed, FlagSent} {
		if e.Flag(flag) {
			return 6 - i
		}
	}
	return 0
}
