package channel

import (
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/mention"
)

// Level is how an account is, for people; stored and spoken of by its Spanish name.
type Level string

// The levels.
const (
	Well  Level = "bien"
	Watch Level = "atencion" // it works; something of it will not, or does not
	Bad   Level = "mal"      // something does not go out or does not come in
)

// Codes of what can be wrong with an account. Their words live in the console.
const (
	TroublePaused       = "pausado"              // What is the reason
	TroubleClosed       = "cerrado"              // a person took it away
	TroubleRight        = "falta_permiso"        // What is the right
	TroubleSubscription = "suscripcion_caida"    // What is its name
	TroubleEnding       = "vence_pronto"         // What is what ends, At when
	TroubleEnded        = "vencido"              // What is what ended, At when
	TroubleSilent       = "sin_entregas"         // At is the last delivery
	TroubleCall         = "llamada_fallida"      // What is the reason
	TroubleSlow         = "presupuesto_lento"    // At is when it is counted anew
	TroubleStop         = "presupuesto_agotado"  // At is when it is counted anew
	TroubleSpending     = "gasto_alto"           // Share is of the day's limit
	TroubleSpent        = "gasto_diario_agotado" // Share is of the day's limit
)

// Trouble is one thing that is wrong with an account.
type Trouble struct {
	Level Level     `json:"level"`
	Code  string    `json:"code"`
	What  string    `json:"what,omitempty"`
	At    time.Time `json:"at,omitzero"`
	Share float64   `json:"share,omitempty"`
}

// silentAfter is how long an account may be told of nothing before that is strange: generous, for quiet days and weekends are
// no trouble.
func silentAfter(n mention.Network) time.Duration {
	const day = 24 * time.Hour
	switch n {
	case mention.Facebook, mention.Instagram, mention.X:
		return 4 * day
	case mention.WhatsApp:
		return 7 * day
	case mention.LinkedIn:
		return 14 * day
	default:
		return 14 * day
	}
}

// Health tells what is wrong with the account at the instant now, the worst first; nothing when all is well. spend is what
// its day has cost, limit what a day may cost, in millionths of a US dollar (0: no limit).
func (c Channel) Health(now time.Time, spend Spend, limit int64) []Trouble {
	if c.State == Closed {
		return []Trouble{{Level: Watch, Code: TroubleClosed, At: c.Since}}
	}
	var out []Trouble
	if c.State == Paused {
		out = append(out, Trouble{Level: Bad, Code: TroublePaused, What: c.Reason, At: c.Since})
	}
	for _, e := range c.Expiries {
		switch {
		case !now.Before(e.At):
			out = append(out, Trouble{Level: Bad, Code: TroubleEnded, What: e.Kind, At: e.At})
		case !e.Warn.IsZero() && !now.Before(e.Warn):
			out = append(out, Trouble{Level: Watch, Code: TroubleEnding, What: e.Kind, At: e.At})
		}
	}
	for _, s := range c.Subscriptions {
		if !s.Alive(now) {
			out = append(out, Trouble{Level: Bad, Code: TroubleSubscription, What: s.Name, At: s.Checked})
		}
	}
	for _, right := range c.Missing {
		out = append(out, Trouble{Level: Watch, Code: TroubleRight, What: right})
	}
	if c.silent(now) {
		out = append(out, Trouble{Level: Watch, Code: TroubleSilent, At: c.Delivered})
	}
	if c.Failed != "" && c.State != Paused {
		out = append(out, Trouble{Level: Watch, Code: TroubleCall, What: c.Failed})
	}
	out = append(out, c.spendTrouble(now, spend, limit)...)
	slices.SortStableFunc(out, func(a, b Trouble) int { return b.Level.rank() - a.Level.rank() })
	return out
}

// spendTrouble is what is used up: of the network's calls, and of the day's money.
func (c Channel) spendTrouble(now time.Time, spend Spend, limit int64) []Trouble {
	var out []Trouble
	switch c.Usage.Pace(now) {
	case Stop:
		out = append(out, Trouble{Level: Bad, Code: TroubleStop, At: c.Usage.Ends(), Share: c.Usage.Share})
	case Slow:
		out = append(out, Trouble{Level: Watch, Code: TroubleSlow, At: c.Usage.Ends(), Share: c.Usage.Share})
	case Free:
	}
	if limit <= 0 {
		return out
	}
	switch share := float64(spend.Total()) / float64(limit); {
	case share >= 1:
		out = append(out, Trouble{Level: Bad, Code: TroubleSpent, Share: share})
	case share >= SlowFrom:
		out = append(out, Trouble{Level: Watch, Code: TroubleSpending, Share: share})
	}
	return out
}

// Alive reports whether the subscription works at the instant now.
func (s Subscription) Alive(now time.Time) bool {
	return s.Working && (s.Until.IsZero() || now.Before(s.Until))
}

// silent reports that nothing was delivered for strangely long although the network says that it would. An account that was
// connected later, or works again since later, is given as long from then on.
func (c Channel) silent(now time.Time) bool {
	subscribed := slices.ContainsFunc(c.Subscriptions, func(s Subscription) bool { return s.Alive(now) })
	last := c.Delivered
	for _, began := range []time.Time{c.ConnectedAt, c.Since} {
		if began.After(last) {
			last = began
		}
	}
	return subscribed && !last.IsZero() && now.Sub(last) >= silentAfter(c.Network)
}

func (l Level) rank() int {
	switch l {
	case Bad:
		return 2
	case Watch:
		return 1
	case Well:
		return 0
	default:
		return 0
	}
}

// Worst is the level of an account with these troubles.
func Worst(troubles []Trouble) Level {
	worst := Well
	for _, t := range troubles {
		if t.Level.rank() > worst.rank() {
			worst = t.Level
		}
	}
	return worst
}
