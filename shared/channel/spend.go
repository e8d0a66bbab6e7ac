package channel

// Spend is what a channel cost on one civil day in Chile, in millionths of a US dollar, by what it was spent on. It is added
// to what the day has already; never taken back.
type Spend struct {
	Ref
	Day    string           `json:"day"` // 2026-11-29
	Micros map[string]int64 `json:"micros"`
}

// Total gives the day's cost in millionths of a US dollar.
func (s Spend) Total() int64 {
	var sum int64
	for _, m := range s.Micros {
		sum += m
	}
	return sum
}
