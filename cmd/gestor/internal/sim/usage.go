package sim

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// quota is how much of what a network lets us call is used up: Share of 1, which grows by Step with each call, until it is
// counted anew.
type quota struct {
	Network string    `json:"network"`
	Share   float64   `json:"share"`
	Step    float64   `json:"step,omitempty"`
	Until   time.Time `json:"until,omitzero"`
}

// quotaWindow is how long a count lasts when nobody says.
const quotaWindow = 15 * time.Minute

// quotaOf is the use of a network at an instant; a count that is over begins anew.
func (w *world) quotaOf(network string, now time.Time) quota {
	q := w.quotas[network]
	if q.Network == "" || !q.Until.IsZero() && !now.Before(q.Until) {
		return quota{Network: network, Share: 0.01}
	}
	return q
}

// metered tells with each answer how much is used up, and refuses when all is. Where people sign in nothing is counted.
func (s *Simulator) metered(targetOf func(*http.Request) string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if signsIn(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		network := targetOf(r)
		now := s.cfg.Clock()
		var q quota
		s.read(func(w *world) { q = w.quotaOf(network, now) })
		if q.Step > 0 {
			q.Share = math.Min(1, q.Share+q.Step)
			err := s.commit(func(t *tx) error { t.relaxed = true; t.add(change{Quota: &q}); return nil })
			if err != nil {
				writeProblem(w, err)
				return
			}
		}
		wait := quotaWindow
		if !q.Until.IsZero() {
			wait = q.Until.Sub(now)
		}
		if q.Share >= 1 {
			s.overused(w, network, wait)
			return
		}
		s.tellUse(w.Header(), network, q.Share, wait, 0)
		next.ServeHTTP(w, r)
	})
}

// signsIn reports the address of a sign-in, which has no quota.
func signsIn(path string) bool {
	return strings.Contains(path, "/oauth") || strings.HasSuffix(path, "/debug_token")
}

// tellUse sets the headers in which a network says how much is used up. LinkedIn says nothing before it refuses.
func (s *Simulator) tellUse(h http.Header, network string, share float64, wait, regain time.Duration) {
	percent := int(math.Round(share * 100))
	switch network {
	case targetX:
		s.rates(h, int(math.Max(0, math.Round((1-share)*xQuota))), wait)
	case targetFacebook, targetInstagram, targetWhatsApp:
		usage(h, percent)
		kind := map[string]string{targetFacebook: "pages", targetInstagram: "instagram", targetWhatsApp: "whatsapp"}[network]
		minutes := int(math.Ceil(regain.Minutes()))
		raw, err := json.Marshal(obj{s.account(network): []obj{{
			"type": kind, "call_count": percent, "total_cputime": percent, "total_time": percent, "estimated_time_to_regain_access": minutes,
		}}})
		if err == nil {
			h.Set("X-Business-Use-Case-Usage", string(raw))
		}
	}
}

// overused refuses a call because everything is used up, and says when the network lets us in again.
func (s *Simulator) overused(w http.ResponseWriter, network string, wait time.Duration) {
	s.tellUse(w.Header(), network, 1, wait, wait)
	switch network {
	case targetX:
		s.writeXError(w, &xProblem{"Too Many Requests", "Too Many Requests", xBlank, http.StatusTooManyRequests})
	case targetLinkedIn:
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		writeLinkedInError(w, &linkedinError{http.StatusTooManyRequests, 101, "TOO_MANY_REQUESTS", "Resource level throttle limit for calls to this resource is reached."})
	default:
		e := oauthError(80001, "(#80001) There have been too many calls to this Page account. Wait a bit and try again.")
		switch network {
		case targetInstagram:
			e = oauthError(80002, "(#80002) There have been too many calls to this Instagram account.")
		case targetWhatsApp:
			e = oauthError(80008, "(#80008) There have been too many calls to this WhatsApp Business account.")
		}
		e.status = http.StatusTooManyRequests
		writeGraphError(w, e)
	}
}

// usageOrder is the body of POST /sim/{network}/usage. Step makes the share grow with each call; Minutes is when it is counted
// anew.
type usageOrder struct {
	Share   float64 `json:"share"`
	Step    float64 `json:"step"`
	Minutes int     `json:"minutes"`
}

func (s *Simulator) setUsage(network string, o usageOrder) error {
	switch {
	case !(o.Share >= 0 && o.Share <= 1), !(o.Step >= 0 && o.Step <= 1):
		return invalid("El uso y su paso deben estar entre 0 y 1.")
	case o.Minutes < 0 || o.Minutes > 24*60:
		return invalid("Los minutos deben estar entre 0 y 1440.")
	}
	return s.commit(func(t *tx) error {
		q := quota{Network: network, Share: o.Share, Step: o.Step, Until: t.now.UTC().Add(quotaWindow)}
		if o.Minutes > 0 {
			q.Until = t.now.UTC().Add(time.Duration(o.Minutes) * time.Minute)
		}
		t.add(change{Quota: &q})
		return nil
	})
}

func (s *Simulator) useOf(network string) (q quota) {
	s.read(func(w *world) { q = w.quotaOf(network, s.cfg.Clock()) })
	return q
}

func (s *Simulator) postUsage(w http.ResponseWriter, r *http.Request) {
	var o usageOrder
	network := r.PathValue("network")
	err := known(network)
	if err == nil {
		err = readJSON(r, &o)
	}
	if err == nil {
		err = s.setUsage(network, o)
	}
	if err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, s.useOf(network))
}

func (s *Simulator) getUsage(w http.ResponseWriter, r *http.Request) {
	network := r.PathValue("network")
	if err := known(network); err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, s.useOf(network))
}
