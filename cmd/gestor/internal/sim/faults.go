package sim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Targets of faults: the networks and SIAC.
const (
	targetFacebook  = "facebook"
	targetInstagram = "instagram"
	targetWhatsApp  = "whatsapp"
	targetX         = "x"
	targetLinkedIn  = "linkedin"
	targetSiac      = "siac"
)

// Modes of fault (contract §4). refuse_duplicate is ours: by default the network lets a text be published twice, so
// that a double publication shows; under this fault it refuses it as Facebook often does (code 506).
const (
	applyThen500    = "apply_then_500"
	applyThenReset  = "apply_then_reset"
	applyThenHang   = "apply_then_hang"
	refuse429       = "refuse_429"
	refuse500       = "refuse_500"
	tokenExpired    = "token_expired"
	slow            = "slow"
	down            = "down"
	dropWebhooks    = "drop_webhooks"
	refuseDuplicate = "refuse_duplicate"
)

func modes() []string {
	return append([]string{applyThen500, applyThenReset, applyThenHang, refuse429, refuse500, tokenExpired, slow, down, dropWebhooks, refuseDuplicate}, quirks()...)
}

// Times of the faults that hold a request.
const (
	hangLimit   = 120 * time.Second
	slowDefault = 3 * time.Second
	retryAfter  = 2 // seconds
)

// mishap is one fault ordered: something that goes wrong on purpose. Rate is the share of requests hit, Count the most of
// them (0: no limit), Seed makes the same sequence of hits again.
type mishap struct {
	ID     string  `json:"id"`
	Target string  `json:"target"`
	Mode   string  `json:"mode"`
	Rate   float64 `json:"rate"`
	Count  int     `json:"count"`
	Seed   uint64  `json:"seed"`
	Millis int     `json:"ms,omitempty"`    // delay of slow, and when quota_429 ends
	Reads  bool    `json:"reads,omitempty"` // hits reads as well as writes
	Draws  uint64  `json:"draws"`
	Hits   int     `json:"hits"`
}

// draw is one request a fault looked at. Hits is 1 when it struck, and -1 when what it struck would have been refused
// anyway.
type draw struct {
	ID   string `json:"id"`
	Hits int    `json:"hits,omitempty"`
}

func (w *world) applyFault(c change) {
	switch {
	case c.Clear:
		w.faults = nil
	case c.Fault != nil:
		f := *c.Fault
		w.faults = slices.DeleteFunc(w.faults, func(old *mishap) bool { return old.Target == f.Target && old.Mode == f.Mode })
		w.faults = append(w.faults, &f)
	case c.Draw != nil:
		for _, f := range w.faults {
			if f.ID == c.Draw.ID {
				f.Hits += c.Draw.Hits
				if c.Draw.Hits >= 0 {
					f.Draws++
				}
			}
		}
	}
}

// strike asks the faults of a target, oldest first, whether one of these modes hits now.
func (t *tx) strike(target string, among ...string) (mishap, bool) {
	return t.strikeIf(target, func(f *mishap) bool { return slices.Contains(among, f.Mode) })
}

// strikeIf is strike with faults chosen otherwise.
func (t *tx) strikeIf(target string, among func(*mishap) bool) (mishap, bool) {
	for _, f := range t.w.faults {
		if f.Target != target || !among(f) || (f.Count > 0 && f.Hits >= f.Count) {
			continue
		}
		hit := chance(f.Seed, f.Draws) < f.Rate
		d := draw{ID: f.ID}
		if hit {
			d.Hits = 1
		}
		t.add(change{Draw: &d})
		if hit {
			return *f, true
		}
	}
	return mishap{}, false
}

// chance is the n-th number in [0,1) of a seed's sequence (splitmix64): it needs no state but n.
func chance(seed, n uint64) float64 {
	z := seed + (n+1)*0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return float64((z^z>>31)>>11) / (1 << 53)
}

// faulty puts the faults of a target before its API. Reads, and what brings something ahead of a post, suffer only slow and
// down.
func (s *Simulator) faulty(targetOf func(*http.Request) string, refuse func(w http.ResponseWriter, target, mode string), next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Instants in answers are of the local clock, and so is the one they are measured against.
		w.Header().Set("Date", s.cfg.Clock().UTC().Format(http.TimeFormat))
		target := targetOf(r)
		refusing := []string{refuse429, refuse500, tokenExpired, refuse500Bare, htmlError, quota429}
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead || prepares(r)
		among := []string{down, slow}
		if !reads {
			among = append(append(among, refusing...), applyThen500, applyThenReset, applyThenHang)
		}
		var f mishap
		var hit bool
		err := s.commit(func(t *tx) error {
			t.relaxed = true
			if f, hit = t.strike(target, among...); !hit && reads && !signsIn(r.URL.Path) {
				f, hit = t.strikeIf(target, func(f *mishap) bool { return f.Reads && slices.Contains(refusing, f.Mode) })
			}
			return nil
		})
		if err != nil {
			writeProblem(w, err)
			return
		}
		switch {
		case !hit:
			next.ServeHTTP(w, r)
		case f.Mode == down:
			hangUp(w, false)
		case f.Mode == slow:
			s.slowly(w, r, f, next)
		case strings.HasPrefix(f.Mode, "apply_"):
			s.applyThen(w, r, f, next)
		case s.surprise(w, target, f):
		default:
			refuse(w, target, f.Mode)
		}
	})
}

// always is the target of an API that serves one network.
func always(target string) func(*http.Request) string {
	return func(*http.Request) string { return target }
}

// slowly takes the whole request, waits, and acts on it even when the client has left meanwhile: a network does not
// know that nobody listens.
func (s *Simulator) slowly(w http.ResponseWriter, r *http.Request, f mishap, next http.Handler) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, uploadLimit))
	if err != nil {
		hangUp(w, false)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	delay := slowDefault
	if f.Millis > 0 {
		delay = time.Duration(f.Millis) * time.Millisecond
	}
	s.wait(context.WithoutCancel(r.Context()), delay)
	next.ServeHTTP(w, r)
}

// applyThen lets the request take effect and loses the answer. A request that took none gets its true answer.
func (s *Simulator) applyThen(w http.ResponseWriter, r *http.Request, f mishap, next http.Handler) {
	kept := &capture{header: http.Header{}, status: http.StatusOK}
	next.ServeHTTP(kept, r)
	if kept.status >= http.StatusBadRequest {
		_ = s.commit(func(t *tx) error { t.add(change{Draw: &draw{ID: f.ID, Hits: -1}}); return nil })
		kept.replay(w)
		return
	}
	switch f.Mode {
	case applyThenReset:
		hangUp(w, true)
	case applyThenHang:
		s.wait(r.Context(), hangLimit)
		hangUp(w, false)
	default:
		// No "error" object: a client that looks only for one takes this for a success.
		writeJSON(w, http.StatusInternalServerError, map[string]any{"debug": map[string]any{}})
	}
}

// wait answers after d, or earlier when ctx or the simulator ends.
func (s *Simulator) wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-s.done:
	}
}

// hangUp closes the connection without an answer; with reset the other side gets a TCP reset.
func hangUp(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // a server that gives no connection can still be made to drop it
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// capture keeps an answer instead of sending it.
type capture struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (c *capture) Header() http.Header         { return c.header }
func (c *capture) WriteHeader(status int)      { c.status = status }
func (c *capture) Write(b []byte) (int, error) { return c.body.Write(b) }

func (c *capture) replay(w http.ResponseWriter) {
	for name, values := range c.header {
		w.Header()[name] = values
	}
	w.WriteHeader(c.status)
	_, _ = w.Write(c.body.Bytes())
}

// faultOrder is the body of POST /sim/faults. Absent rate means every request.
type faultOrder struct {
	Target string   `json:"target"`
	Mode   string   `json:"mode"`
	Rate   *float64 `json:"rate"`
	Count  int      `json:"count"`
	Seed   *uint64  `json:"seed"`
	Millis int      `json:"ms"`
	Reads  bool     `json:"reads"`
}

// order makes the fault, or says in Spanish what is wrong with it.
func (o faultOrder) order(id string) (mishap, error) {
	f := mishap{ID: id, Target: o.Target, Mode: o.Mode, Rate: 1, Count: o.Count, Seed: 1, Millis: o.Millis, Reads: o.Reads}
	if o.Rate != nil {
		f.Rate = *o.Rate
	}
	if o.Seed != nil {
		f.Seed = *o.Seed
	}
	switch {
	case o.Target != targetSiac && known(o.Target) != nil:
		return f, invalid("El destino de la falla debe ser facebook, instagram, whatsapp, x, linkedin o siac.")
	case !slices.Contains(modes(), o.Mode):
		return f, invalid("El modo de falla no existe. Usa uno de: " + strings.Join(modes(), ", ") + ".")
	case f.Rate < 0 || f.Rate > 1 || f.Rate != f.Rate:
		return f, invalid("La proporción debe estar entre 0 y 1.")
	case o.Count < 0:
		return f, invalid("La cantidad no puede ser negativa.")
	case o.Millis < 0 || o.Millis > int(hangLimit/time.Millisecond):
		return f, invalid("La demora debe estar entre 0 y 120000 milisegundos.")
	case !fits(o.Target, o.Mode):
		return f, invalid("Ese modo no existe en esa red.")
	}
	return f, nil
}

func (s *Simulator) setFault(o faultOrder) (mishap, error) {
	var f mishap
	err := s.commit(func(t *tx) error {
		var err error
		f, err = o.order(fmt.Sprintf("falla-%s", token(o.Target+o.Mode+strconv.FormatUint(s.journal.lines(), 10), 6)))
		if err == nil {
			t.add(change{Fault: &f})
		}
		return err
	})
	return f, err
}

func (s *Simulator) postFault(w http.ResponseWriter, r *http.Request) {
	var o faultOrder
	if err := readJSON(r, &o); err != nil {
		writeProblem(w, err)
		return
	}
	f, err := s.setFault(o)
	if err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusCreated, f)
}

func (s *Simulator) clearFaults(w http.ResponseWriter, _ *http.Request) {
	if err := s.commit(func(t *tx) error { t.add(change{Clear: true}); return nil }); err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, []mishap{})
}

func (s *Simulator) getFaults(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.activeFaults())
}

func (s *Simulator) activeFaults() []mishap {
	active := []mishap{}
	s.read(func(w *world) {
		for _, f := range w.faults {
			active = append(active, *f)
		}
	})
	return active
}
