package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How the world insists: a few tries at once, then ever fewer. Both networks and SIAC give up after about a day and a
// half; what was given up stays visible and can be asked for again.
const (
	senders     = 8
	tryTimeout  = 20 * time.Second
	pollEvery   = 100 * time.Millisecond
	giveUpAfter = 36 * time.Hour
	giveUpTries = 12
)

// How a delivery ended.
const (
	stateDelivered = "entregado"
	stateAbandoned = "abandonado"
)

// pause is the wait after a number of failed tries.
func pause(tries int) time.Duration {
	waits := [...]time.Duration{
		250 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second,
		30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute,
	}
	return waits[min(max(tries, 1), len(waits))-1]
}

// attempt is a delivery on its way.
type attempt struct {
	delivery
	tries int
	due   time.Time
	busy  bool
	last  string        // what the last try met, in Spanish
	first chan struct{} // closed after the first try
}

// dispatcher delivers what the world owes. Its state is not kept: after a restart everything owed is tried at once.
type dispatcher struct {
	s      *Simulator
	ctx    context.Context //nolint:containedctx // the life of the dispatcher, not of a request
	cancel context.CancelFunc
	kick   chan struct{}
	wg     sync.WaitGroup

	mu       sync.Mutex
	attempts []*attempt
	failures int
	failing  map[string]time.Time // since when a network's messages are refused
}

func newDispatcher(s *Simulator) *dispatcher {
	ctx, cancel := context.WithCancel(context.Background())
	return &dispatcher{s: s, ctx: ctx, cancel: cancel, kick: make(chan struct{}, 1), failing: map[string]time.Time{}}
}

func (d *dispatcher) start(owed []delivery) {
	for _, o := range owed {
		d.add(o)
	}
	d.wg.Go(d.loop)
}

func (d *dispatcher) stop() {
	d.cancel()
	d.wg.Wait()
}

func (d *dispatcher) add(o delivery) {
	due := d.s.cfg.Clock()
	if o.At.After(due) {
		due = o.At // it has not happened yet
	}
	d.mu.Lock()
	d.attempts = append(d.attempts, &attempt{delivery: o, due: due, first: make(chan struct{})})
	d.mu.Unlock()
	d.wake()
}

func (d *dispatcher) wake() {
	select {
	case d.kick <- struct{}{}:
	default:
	}
}

// loop hands what is due to a bounded number of senders, oldest first.
func (d *dispatcher) loop() {
	free := make(chan struct{}, senders)
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		for _, a := range d.dueNow() {
			select {
			case free <- struct{}{}:
			case <-d.ctx.Done():
				return
			}
			d.wg.Go(func() {
				d.try(a)
				<-free
			})
		}
		select {
		case <-d.ctx.Done():
			return
		case <-d.kick:
		case <-poll.C:
		}
	}
}

func (d *dispatcher) dueNow() []*attempt {
	now := d.s.cfg.Clock()
	d.mu.Lock()
	defer d.mu.Unlock()
	var due []*attempt
	for _, a := range d.attempts {
		if !a.busy && !a.due.After(now) {
			a.busy = true
			due = append(due, a)
		}
	}
	return due
}

func (d *dispatcher) try(a *attempt) {
	met, ok := d.send(a.delivery)
	if d.ctx.Err() != nil {
		return // the world stops: the delivery stays owed
	}
	now := d.s.cfg.Clock()
	end := ""
	switch {
	case ok:
		end = stateDelivered
	case a.tries+1 >= giveUpTries && now.Sub(a.At) > giveUpAfter:
		end = stateAbandoned
	}
	if end != "" {
		err := d.s.commit(func(t *tx) error { t.add(change{Done: &delivered{ID: a.ID, State: end}}); return nil })
		if err != nil {
			end = ""
		}
	}
	if d.messaged(a, ok, now) {
		end = stateLost
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if a.tries++; a.tries == 1 {
		close(a.first)
	}
	if end != "" {
		d.attempts = slices.DeleteFunc(d.attempts, func(other *attempt) bool { return other == a })
		return
	}
	d.failures++
	a.busy, a.last, a.due = false, met, now.Add(pause(a.tries))
	d.s.cfg.Log.Info("delivery_refused", slog.String("delivery", a.ID), slog.String("target", a.Target), slog.Int("tries", a.tries), slog.String("met", met))
}

// send makes one try and says in Spanish what it met.
func (d *dispatcher) send(o delivery) (met string, ok bool) {
	ctx, cancel := context.WithTimeout(d.ctx, tryTimeout)
	defer cancel()
	req, err := d.s.request(ctx, o)
	if err != nil {
		return "dirección incorrecta", false
	}
	res, err := d.s.cfg.Client.Do(req)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "no respondió a tiempo", false
	case err != nil:
		return "sin conexión", false
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, bodyLimit))
	return fmt.Sprintf("respondió %d", res.StatusCode), res.StatusCode/100 == 2
}

// request signs a delivery as of now: the secret may have been rotated since it was queued.
func (s *Simulator) request(ctx context.Context, o delivery) (*http.Request, error) {
	path := "/webhooks/" + o.Target
	if o.Target == targetSiac {
		path = "/siac/callback"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.WebhookBase+path, strings.NewReader(o.Body))
	if err != nil {
		return nil, fmt.Errorf("sim: request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if o.Target == targetSiac {
		stamp := strconv.FormatInt(s.cfg.Clock().Unix(), 10)
		req.Header.Set("User-Agent", "siac-simulado")
		req.Header.Set("X-Siac-Timestamp", stamp)
		req.Header.Set("X-Siac-Signature", "sha256="+sign256(s.cfg.SiacCallbackSecret, []byte(stamp+"."+o.Body)))
		return req, nil
	}
	s.sign(req.Header, o)
	return req, nil
}

// sign adds the headers by which a network proves that a delivery is its own (platforms.md §2, §3 and §4).
func (s *Simulator) sign(h http.Header, o delivery) {
	h.Set("Accept", "*/*")
	switch o.Target {
	case targetX:
		h.Set("User-Agent", "XBot/1.0")
		h.Set("X-Twitter-Webhooks-Signature", "sha256="+sign64(s.cfg.XConsumerSecret, []byte(o.Body)))
	case targetLinkedIn:
		h.Set("User-Agent", "LinkedIn-Webhooks")
		h.Set("X-Li-Signature", sign256(s.cfg.LinkedInClientSecret, []byte("hmacsha256="+o.Body)))
	default:
		secret := s.cfg.AppSecret()
		h.Set("User-Agent", "facebookexternalua")
		h.Set("X-Hub-Signature", "sha1="+sign1(secret, []byte(o.Body)))
		h.Set("X-Hub-Signature-256", "sha256="+sign256(secret, []byte(o.Body)))
	}
}

// afterFirst waits until a delivery was tried once, at most for limit.
func (d *dispatcher) afterFirst(id string, limit time.Duration) {
	d.mu.Lock()
	i := slices.IndexFunc(d.attempts, func(a *attempt) bool { return a.ID == id })
	var first chan struct{}
	if i >= 0 {
		first = d.attempts[i].first
	}
	d.mu.Unlock()
	if first == nil {
		return
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-first:
	case <-timer.C:
	case <-d.s.done:
	}
}

// hurry makes everything owed due now.
func (d *dispatcher) hurry() int {
	now := d.s.cfg.Clock()
	d.mu.Lock()
	for _, a := range d.attempts {
		a.due = now
	}
	n := len(d.attempts)
	d.mu.Unlock()
	d.wake()
	return n
}

// owed is one delivery as the pages and GET /sim/deliveries show it.
type owed struct {
	ID     string    `json:"id"`
	Target string    `json:"target"`
	About  string    `json:"about"`
	Tries  int       `json:"tries"`
	Last   string    `json:"last,omitempty"`
	Next   time.Time `json:"next"`
	At     time.Time `json:"at"`
}

func (d *dispatcher) list() []owed {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]owed, 0, len(d.attempts))
	for _, a := range d.attempts {
		all = append(all, owed{a.ID, a.Target, a.About, a.tries, a.last, a.due.UTC(), a.At.UTC()})
	}
	return all
}

// failed counts refused tries since the start; pages refresh when it changes.
func (d *dispatcher) failed() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failures
}

func (t *tx) deliveryID() string {
	return "av-" + strconv.Itoa(len(t.w.states)+len(t.w.pending)+1)
}

// revive queues again what was given up.
func (t *tx) revive() {
	for _, d := range slices.Clone(t.w.dead) {
		again := delivery{ID: t.deliveryID(), Target: d.Target, About: d.About, Body: d.Body, Again: d.ID, At: t.now}
		t.add(change{Queue: &again})
	}
}

func (s *Simulator) getDeliveries(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.outbox.list())
}

func (s *Simulator) postRetry(w http.ResponseWriter, _ *http.Request) {
	n, err := s.retryAll()
	if err != nil {
		writeProblem(w, err)
		return
	}
	writeJSON(w, http.StatusOK, map[string]int{"pending": n})
}

// retryAll makes everything owed due now, given up or not, and gives how much that is.
func (s *Simulator) retryAll() (int, error) {
	err := s.commit(func(t *tx) error { t.revive(); return nil })
	return s.outbox.hurry(), err
}
