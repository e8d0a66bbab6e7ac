package whatsapp

import (
	"encoding/json"
	"net/http"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/once"
)

// How long what the network said of our use holds when it does not say so itself: shares are counted over a rolling hour,
// and of a full one some is free again after minutes.
const (
	useHolds = time.Hour
	useRests = 5 * time.Minute
)

// share is what one header says of one use, in hundredths: of calls, of time, of computing time.
type share struct {
	Calls   float64 `json:"call_count"`
	Time    float64 `json:"total_time"`
	CPU     float64 `json:"total_cputime"`
	Minutes int     `json:"estimated_time_to_regain_access"`
}

// shares reads X-App-Usage and X-Business-Use-Case-Usage. (Graph API, "Rate limits")
func shares(h http.Header) []share {
	var all []share
	var app share
	if json.Unmarshal([]byte(h.Get("X-App-Usage")), &app) == nil {
		all = append(all, app)
	}
	var cases map[string][]share
	if json.Unmarshal([]byte(h.Get("X-Business-Use-Case-Usage")), &cases) == nil {
		for _, uses := range cases {
			all = append(all, uses...)
		}
	}
	return all
}

// regained gives the longest wait that the headers ask for, 0 when they ask for none.
func regained(h http.Header) time.Duration {
	const day = 24 * 60
	longest := 0
	for _, s := range shares(h) {
		longest = max(longest, min(s.Minutes, day))
	}
	return time.Duration(longest) * time.Minute
}

// usage is how much of our quota an answer says is used up; the highest share wins. Instants are by the network's own clock:
// without one, nothing is known. err is what became of the call: a refusal for too many calls uses up everything, and always
// says until when, because nobody calls before.
func usage(a once.Answer, err error) channel.Usage {
	u := channel.Usage{At: a.Date()}
	told := shares(a.Header)
	refused := once.Reason(err) == once.ReasonThrottle
	if u.At.IsZero() || len(told) == 0 && !refused {
		return channel.Usage{}
	}
	u.At = u.At.UTC()
	for _, s := range told {
		u.Share = max(u.Share, s.Calls/100, s.Time/100, s.CPU/100)
	}
	if refused {
		u.Share = max(u.Share, 1)
	}
	switch wait := max(fault.RetryAfter(err), regained(a.Header)); {
	case wait > 0:
		u.Until = u.At.Add(wait)
	case u.Share >= channel.StopFrom:
		u.Until = u.At.Add(useRests)
	default:
		u.Until = u.At.Add(useHolds)
	}
	return u
}
