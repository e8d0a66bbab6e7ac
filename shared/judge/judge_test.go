package judge_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/judge"
	"sence.gob.cl/gestor/shared/model"
	"sence.gob.cl/gestor/shared/unit"
)

func noon() time.Time { return time.Date(2026, 11, 30, 15, 0, 0, 0, time.UTC) }

// world is a register and a storage that can break, and what was said about it.
type world struct {
	*testing.T
	mu       sync.Mutex
	register model.Register
	unread   error
	stored   map[string][]byte
	refused  error
	reads    int
	fetched  int
	begun    chan struct{} // takes one for each reading that is held
	hold     chan struct{} // while it is open, the register does not answer
	log      bytes.Buffer
	judge    *judge.Judge
	now      time.Time
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, stored: map[string][]byte{}, now: noon()}
	w.judge = judge.New(judge.Config{Register: w, Storage: w, Own: classify.New(), Log: slog.New(slog.NewTextHandler(&w.log, nil))})
	return w
}

func (w *world) Models(context.Context) (model.Register, error) {
	w.mu.Lock()
	hold := w.hold
	w.reads++
	w.mu.Unlock()
	if hold != nil {
		w.begun <- struct{}{}
		<-hold
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.register, w.unread
}

func (w *world) Get(_ context.Context, name string) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fetched++
	raw, is := w.stored[name]
	if !is && w.refused == nil {
		return nil, fault.New(fault.NotFound, "prueba", nil)
	}
	return raw, w.refused
}

// bring stores a model that never says sugerencia, and makes it known; label makes its bytes its own.
func (w *world) bring(label string) model.Known {
	w.Helper()
	raw := classify.Embedded()
	m, err := classify.ReadLinear(raw)
	if err != nil {
		w.Fatal(err)
	}
	m.Name, m.Biases[classify.Sugerencia.Rank()] = label, -100
	rows := make([]int8, classify.Buckets*len(m.Scales))
	for i, b := range raw[len(raw)-len(rows):] {
		rows[i] = int8(b)
	}
	if raw, err = m.Pack(rows); err != nil {
		w.Fatal(err)
	}
	k := model.Known{Name: model.NameOf(raw), Label: label, Reading: classify.Reading()}
	w.stored[k.Name] = raw
	w.step(w.register.Add(k, model.Person{ID: "ana"}, w.now))
	return k
}

func (w *world) step(s model.Step, err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	w.register = s.Register
}

// minute lets a minute pass and refreshes; it gives how many models could not be used.
func (w *world) minute() float64 {
	w.now = w.now.Add(time.Minute)
	ctx, work := unit.Begin(w.Context(), "")
	w.judge.Refresh(ctx, w.now)
	return work.Facts().Counts[unit.ModelsUnusable]
}

const idea = "Sugiero que abran cursos en la noche, deberían pensar en los que trabajamos"

func (w *world) asks() classify.Result {
	return w.judge.Classify(classify.Input{Text: idea, Public: true})
}

// stands tells who decides and who speaks in the shadow, by the ends of their labels.
func (w *world) stands(what, current, beside string) {
	w.Helper()
	r := w.asks()
	shadow := ""
	if r.Shadow != nil {
		shadow = r.Shadow.Model
	}
	if !strings.HasPrefix(r.Model, current) || !strings.HasPrefix(shadow, beside) || (beside == "") != (shadow == "") {
		w.Errorf("%s: %s decides, %q beside; want %s, %q", what, r.Model, shadow, current, beside)
	}
}

func own() string { return classify.New().Model() }

// A model is brought, tried, used and taken back: what decides is always one model's answer, the shadow's stands beside it.
func TestJudge(t *testing.T) {
	w := newWorld(t)
	w.stands("before anything", own(), "")
	w.minute()
	w.stands("an empty register", own(), "")
	k := w.bring("otro")
	w.minute()
	w.stands("a model that is only known", own(), "")
	w.step(w.register.Try(k.Name, model.Person{ID: "ana"}, w.now))
	w.stands("the minute is not over", own(), "")
	w.minute()
	w.stands("a shadow", own(), "otro@"+k.Alias())
	if r := w.asks(); r.Intent != classify.Sugerencia || r.Shadow.Intent == classify.Sugerencia {
		t.Errorf("%s decides, %s beside", r.Intent, r.Shadow.Intent)
	}
	w.step(w.register.Use(k.Name, model.Person{ID: "ana"}, w.now))
	w.minute()
	w.stands("used", "otro@"+k.Alias(), "")
	w.step(w.register.Try(model.Embedded, model.Person{ID: "ana"}, w.now))
	w.minute()
	w.stands("the program's own in the shadow", "otro@"+k.Alias(), own())
	w.step(w.register.Back(model.Person{ID: "ana"}, w.now))
	w.minute()
	w.stands("back", own(), "")
	w.step(w.register.Back(model.Person{ID: "ana"}, w.now))
	if w.minute() != 0 || w.fetched != 1 {
		t.Errorf("fetched %d times", w.fetched)
	}
	w.stands("and back again, without fetching", "otro@"+k.Alias(), "")
}

// Whatever cannot be used leaves what is in hand; it is told once, and counted as long as it lasts.
func TestJudge_Unusable(t *testing.T) {
	for name, broken := range map[string]func(w *world, k model.Known){
		"gone":            func(w *world, k model.Known) { delete(w.stored, k.Name) },
		"damaged":         func(w *world, k model.Known) { w.stored[k.Name][1000] ^= 1 },
		"cut short":       func(w *world, k model.Known) { w.stored[k.Name] = w.stored[k.Name][:9] },
		"not reached":     func(w *world, _ model.Known) { w.refused = fault.New(fault.Transient, "prueba", nil) },
		"another reading": func(w *world, _ model.Known) { w.register.Models[0].Reading = "n1-0" },
		"unknown":         func(w *world, _ model.Known) { w.register.Models = nil },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			k := w.bring("otro")
			w.step(w.register.Use(k.Name, model.Person{ID: "ana"}, w.now))
			whole := bytes.Clone(w.stored[k.Name])
			register := w.register
			register.Models = []model.Known{k}
			broken(w, k)
			for range 20 {
				if got := w.minute(); got != 1 {
					t.Fatalf("%v counted", got)
				}
				w.stands("while it lasts", own(), "")
			}
			if said := strings.Count(w.log.String(), "model unusable"); said != 1 {
				t.Errorf("said %d times:\n%s", said, w.log.String())
			}
			useless := name == "another reading" || name == "unknown" // known before a byte is fetched
			if w.fetched > 6 || useless && w.fetched > 0 {
				t.Errorf("fetched %d times in 20 minutes", w.fetched)
			}
			w.stored[k.Name], w.refused, w.register = whole, nil, register
			for range 16 {
				w.minute()
			}
			w.stands("mended", "otro@", "")
		})
	}
}

// A shadow that cannot be used is left out, the one that decides goes on; and one that decides stays when the next cannot be used.
func TestJudge_InHand(t *testing.T) {
	w := newWorld(t)
	first, second := w.bring("uno"), w.bring("dos")
	w.step(w.register.Use(first.Name, model.Person{ID: "ana"}, w.now))
	w.step(w.register.Try(second.Name, model.Person{ID: "ana"}, w.now))
	whole := w.stored[second.Name]
	w.stored[second.Name] = nil
	if got := w.minute(); got != 1 {
		t.Errorf("%v counted", got)
	}
	w.stands("a broken shadow", "uno@", "")
	w.step(w.register.Use(second.Name, model.Person{ID: "ana"}, w.now))
	w.minute()
	w.stands("a broken next", "uno@", "")
	w.step(w.register.Back(model.Person{ID: "ana"}, w.now))
	if got := w.minute(); got != 0 {
		t.Errorf("%v counted after the way back", got)
	}
	w.stands("back", "uno@", "")
	w.stored[second.Name] = whole
}

// While the register does not answer, what is in hand stays; that is told once for each time.
func TestJudge_Unread(t *testing.T) {
	w := newWorld(t)
	k := w.bring("otro")
	w.step(w.register.Use(k.Name, model.Person{ID: "ana"}, w.now))
	w.minute()
	for range 2 {
		w.unread = fault.New(fault.Transient, "prueba", nil)
		for range 5 {
			if got := w.minute(); got != 1 {
				t.Errorf("%v counted", got)
			}
			w.stands("unread", "otro@", "")
		}
		w.unread = nil
		w.minute()
	}
	if said := strings.Count(w.log.String(), "models unread"); said != 2 {
		t.Errorf("said %d times", said)
	}
}

// The register is read once a minute, whoever asks; a clock that was set back does not stop it.
func TestJudge_OnceAMinute(t *testing.T) {
	w := newWorld(t)
	for s := range 180 {
		w.judge.Refresh(t.Context(), noon().Add(time.Duration(s)*time.Second))
	}
	if w.reads != 3 {
		t.Errorf("read %d times in three minutes", w.reads)
	}
	w.judge.Refresh(t.Context(), noon().Add(-time.Hour))
	if w.reads != 4 {
		t.Error("not read after the clock was set back")
	}
}

// Nobody waits for a refresh that another has begun, but at the very beginning.
func TestJudge_NobodyWaits(t *testing.T) {
	w := newWorld(t)
	w.judge.Refresh(t.Context(), noon())
	hold := make(chan struct{})
	w.mu.Lock()
	w.hold, w.begun = hold, make(chan struct{})
	w.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.judge.Refresh(t.Context(), noon().Add(time.Minute))
	}()
	<-w.begun
	w.judge.Refresh(t.Context(), noon().Add(2*time.Minute)) // hangs here if it waits
	w.stands("meanwhile", own(), "")
	close(hold)
	<-done
}

// slow answers nothing for as long as it may.
type slow struct{}

func (slow) Models(ctx context.Context) (model.Register, error) {
	<-ctx.Done()
	return model.Register{}, fault.New(fault.Transient, "prueba", ctx.Err())
}

// A register that hangs holds the work in hand up for three seconds of a minute, and no longer.
func TestJudge_Hangs(t *testing.T) {
	own := classify.New()
	synctest.Test(t, func(t *testing.T) {
		j := judge.New(judge.Config{Register: slow{}, Own: own, Log: slog.New(slog.DiscardHandler)})
		began := time.Now()
		for s := range 30 {
			j.Refresh(t.Context(), noon().Add(time.Duration(s)*time.Second))
			if got := j.Classify(classify.Input{Text: idea}); got.Model != own.Model() {
				t.Errorf("%s classifies", got.Model)
			}
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// Many ask while models come and go: each answer is whole, by one model.
func TestJudge_Together(t *testing.T) {
	w := newWorld(t)
	k := w.bring("otro")
	w.step(w.register.Use(k.Name, model.Person{ID: "ana"}, w.now))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for n := range 50 {
				r := w.asks()
				if (r.Intent == classify.Sugerencia) != (r.Model == own()) {
					t.Errorf("%s says %s", r.Model, r.Intent)
				}
				w.judge.Refresh(t.Context(), noon().Add(time.Duration(n)*time.Minute))
			}
		})
	}
	wg.Wait()
}
