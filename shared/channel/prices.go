package channel

import (
	_ "embed"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
)

// Cost is what a network may bill us for; stored by its name in what a day cost.
type Cost string

// The costs.
const (
	CostPost      Cost = "post"              // a public text without a link
	CostPostLink  Cost = "post_link"         // a public text with a link
	CostSummoned  Cost = "reply_summoned"    // a public answer to somebody who named us
	CostDM        Cost = "dm"                // a private text
	CostDelivered Cost = "mention_delivered" // a mention or reply that was delivered to us
	CostReceived  Cost = "dm_received"       // a direct message that was delivered to us
	CostRead      Cost = "own_read"          // one object of ours that we read
	CostTemplate  Cost = "template"          // a template of WhatsApp, whatever the moment
)

//go:embed prices.json
var pricesFile []byte

// Prices are what the networks bill, with the day they were true on and who said so.
type Prices struct {
	Date   string                             `json:"date"`
	Source string                             `json:"source"`
	Micros map[mention.Network]map[Cost]int64 `json:"micros"`
}

// LoadPrices reads the table that is part of the program.
func LoadPrices() (Prices, error) {
	var p Prices
	err := json.Unmarshal(pricesFile, &p)
	return p, err
}

// Price is what one of a cost is billed at, in millionths of a US dollar; 0 for what costs nothing.
func Price(n mention.Network, c Cost) int64 {
	p, err := LoadPrices()
	if err != nil { // a test reads the file that is part of the program
		return 0
	}
	return p.Micros[n][c]
}

// CostOf tells what a text of ours is billed as. A link makes every public text dear, whoever it answers.
func CostOf(private, link, summoned bool) Cost {
	switch {
	case private:
		return CostDM
	case link:
		return CostPostLink
	case summoned:
		return CostSummoned
	default:
		return CostPost
	}
}

// Spending is what n of a cost add to a day of the account: the civil day in Chile. False when they cost nothing.
func Spending(ref Ref, day string, c Cost, n int) (Spend, bool) {
	micros := Price(ref.Network, c) * int64(n)
	return Spend{Ref: ref, Day: day, Micros: map[string]int64{string(c): micros}}, micros > 0
}

// Exceeds reports whether spending next more would take the day over its limit; a limit of 0 is none.
func (s Spend) Exceeds(limit, next int64) bool {
	return limit > 0 && next > 0 && s.Total()+next > limit
}

// Why something of ours waits, or is refused, because of its account; stored in replies and acts, never renamed.
const (
	HeldPaused = "channel_paused" // the account is paused
	HeldBudget = "channel_budget" // the network lets us call no more for a while
	HeldSpend  = "channel_spend"  // the day's money is spent
	ShutClosed = "channel_closed" // the account was taken away: refused, not held
)

// Held reports whether a reason is one of waiting because of the account.
func Held(reason string) bool {
	return reason == HeldPaused || reason == HeldBudget || reason == HeldSpend
}

// How long what is held waits before it looks again.
const (
	pausedWait = time.Minute      // somebody may resume the account at any moment
	spentWait  = 15 * time.Minute // until the day is over, or its limit is raised
)

// Hold says why nothing may go out through the account now, and when to look again; false when all may. price is what
// would be spent and limit what a day may cost, 0 for no limit. A closed account holds nothing: ask for its State.
func (c Channel) Hold(spent Spend, limit, price int64, now time.Time) (reason string, until time.Time, held bool) {
	switch {
	case c.State == Paused:
		return HeldPaused, now.Add(pausedWait), true
	case c.Usage.Pace(now) == Stop:
		return HeldBudget, c.Usage.Ends(), true
	case spent.Exceeds(limit, price):
		return HeldSpend, now.Add(spentWait), true
	default:
		return "", time.Time{}, false
	}
}

// ParseUSD reads an amount of US dollars, "2.50", into millionths; "" is 0. What is no amount, is negative or is over a
// million is Invalid.
func ParseUSD(text string) (int64, error) {
	const op, most = "channel.ParseUSD", 1_000_000
	if text == "" {
		return 0, nil
	}
	dollars, err := strconv.ParseFloat(text, 64)
	if err != nil || !(dollars >= 0 && dollars <= most) {
		return 0, fault.New(fault.Invalid, op, errors.New("no amount of US dollars"))
	}
	return int64(math.Round(dollars * 1e6)), nil
}
