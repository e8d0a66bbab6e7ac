package post

// Recurrence is how often a post is said again, as a person put it. Every is daily, weekly or monthly; Interval each how many of
// those (1 when 0); Days the days of the week of a weekly one (mon, tue, …), the day of its first date when empty. It ends on the
// date Until (2026-12-31, inclusive) or after Count times, whichever is asked.
type Recurrence struct {
	Every    string   `json:"every"`
	Interval int      `json:"interval,omitempty"`
	Days     []string `json:"days,omitempty"`
	Until    string   `json:"until,omitempty"`
	Count    int      `json:"count,omitempty"`
}
