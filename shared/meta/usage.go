package meta

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
)

// How long what a network said of our use holds when it does not say so itself: shares are counted over a rolling hour, and
// of a full one some is free again after minutes.
const (
	useHolds = time.Hour
	useRests = 5 * time.Minute
)

// meter keeps the worst use that the answers to the calls of one client told.
type meter struct {
	mu  sync.Mutex
	use channel.Usage
}

func (m *meter) note(u channel.Usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if u.Known() && (!m.use.Known() || u.Share >= m.use.Share) {
		m.use = u
	}
}

func (m *meter) read() channel.Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.use
}

// share is what one header says of one use, in hundredths: of calls, of time, of computing time.
type share struct {
	Calls   float64 `json:"call_count"`
	Time    float64 `json:"total_time"`
	CPU     float64 `json:"total_cputime"`
	Minutes int     `json:"estimated_time_to_regain_access"`
}

func (s share) most() float64 { return max(s.Calls, s.Time, s.CPU, 0) / 100 }

// usage reads X-App-Usage, X-Page-Usage and X-Business-Use-Case-Usage; the highest share wins. Instants are by the network's
// own clock: without one, nothing is known. err is what became of the call: a refusal for too many calls uses up everything,
// and always says until when, because nobody calls before. (Graph API, "Rate limits")
func usage(h http.Header, err error) channel.Usage {
	at, bad := http.ParseTime(h.Get("Date"))
	if bad != nil {
		return channel.Usage{}
	}
	u, told := channel.Usage{At: at.UTC()}, false
	for _, name := range []string{"X-App-Usage", "X-Page-Usage"} {
		var s share
		if json.Unmarshal([]byte(h.Get(name)), &s) == nil {
			u.Share, told = max(u.Share, s.most()), true
		}
	}
	var cases map[string][]share
	if json.Unmarshal([]byte(h.Get("X-Business-Use-Case-Usage")), &cases) == nil {
		for _, uses := range cases {
			for _, s := range uses {
				u.Share, told = max(u.Share, s.most()), true
			}
		}
	}
	refused := Reason(err) == ReasonThrottle
	if refused {
		u.Share = max(u.Share, 1)
	}
	switch wait := max(fault.RetryAfter(err), retryAfter(h)); {
	case !told && !refused:
		return channel.Usage{}
	case wait > 0:
		u.Until = u.At.Add(wait)
	case u.Share >= channel.StopFrom:
		u.Until = u.At.Add(useRests)
	default:
		u.Until = u.At.Add(useHolds)
	}
	return u
}
