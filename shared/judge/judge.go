// Package judge classifies with the model that the register names, and lets another speak in its shadow. Whatever is wrong with the
// register, the storage or a model, a mention is classified: by the model in hand, and at the worst by the program's own.
package judge

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/model"
	"sence.gob.cl/gestor/shared/unit"
)

// Register tells which models are to be used.
type Register interface {
	Models(ctx context.Context) (model.Register, error)
}

// Storage holds the bytes of models by their names.
type Storage interface {
	Get(ctx context.Context, name string) ([]byte, error)
}

const (
	// every is how often the register is read: a switch, and its taking back, holds everywhere after so long.
	every = time.Minute
	// patience is how long a refresh may take before the work in hand goes on without it.
	patience = 3 * time.Second
	// longest is the most that is waited before a model that cannot be used is fetched again.
	longest = 16 * every
)

// Config is what a Judge needs. Own is the classifier of the program.
type Config struct {
	Register Register
	Storage  Storage
	Own      *classify.Classifier
	Log      *slog.Logger
}

// Judge is a classifier whose model can be changed while it works. It is safe for concurrent use.
type Judge struct {
	cfg Config
	now atomic.Pointer[bench]

	mu      sync.Mutex // of one refresh
	first   sync.Once
	asked   time.Time
	made    map[string]*classify.Classifier
	failed  map[string]failure
	unread  bool          // the register, and that was said
	reading func() string // of this program; asked for when a model is, because it takes some milliseconds
}

// bench is who judges now; beside is nil where nobody runs in the shadow.
type bench struct{ current, beside *classify.Classifier }

// failure is what is remembered of a model that could not be used: when it is worth another try, and how long after the one before.
type failure struct {
	again time.Time
	wait  time.Duration
	why   string
}

// New makes a judge that classifies by the program's own model until it is refreshed.
func New(cfg Config) *Judge {
	j := &Judge{cfg: cfg, made: map[string]*classify.Classifier{}, failed: map[string]failure{}, reading: sync.OnceValue(classify.Reading)}
	j.now.Store(&bench{current: cfg.Own})
	return j
}

// Classify gives the proposal of the model that decides, with what the one in its shadow says beside it.
func (j *Judge) Classify(in classify.Input) classify.Result {
	b := j.now.Load()
	r := b.current.Classify(in)
	if b.beside != nil {
		said := b.beside.Classify(in).Judgement()
		r.Shadow = &said
	}
	return r
}

// Refresh reads at the instant now which models are to be used, once a minute at most, and fetches what is new. It takes patience
// at the longest and never fails: what cannot be used is told in the log, once, and counted each time, and the model in hand stays.
// While one refresh is under way nobody else waits for it, but for the first of all.
func (j *Judge) Refresh(ctx context.Context, now time.Time) {
	ran := false
	j.first.Do(func() {
		ran = true
		j.mu.Lock()
		defer j.mu.Unlock()
		j.refresh(ctx, now)
	})
	if ran || !j.mu.TryLock() {
		return
	}
	defer j.mu.Unlock()
	if since := now.Sub(j.asked); since >= every || since < 0 {
		j.refresh(ctx, now)
	}
}

func (j *Judge) refresh(ctx context.Context, now time.Time) {
	j.asked = now
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := j.cfg.Register.Models(limited)
	if err != nil {
		unit.Of(ctx).Count(unit.ModelsUnusable, 1)
		if !j.unread {
			j.unread = true
			j.cfg.Log.LogAttrs(ctx, slog.LevelError, "models unread", slog.String("error", err.Error()))
		}
		return
	}
	j.unread = false
	was, is := j.now.Load(), bench{}
	if is.current = j.maker(limited, r, r.Deciding(), now); is.current == nil {
		is.current = was.current
		unit.Of(ctx).Count(unit.ModelsUnusable, 1)
	}
	if r.Shadow != "" {
		if is.beside = j.maker(limited, r, r.Shadow, now); is.beside == nil {
			unit.Of(ctx).Count(unit.ModelsUnusable, 1)
		}
	}
	if is.beside == is.current {
		is.beside = nil
	}
	j.forget(r)
	j.now.Store(&is)
}

// maker gives the classifier of a model; nil when it cannot be used.
func (j *Judge) maker(ctx context.Context, r model.Register, name string, now time.Time) *classify.Classifier {
	if name == model.Embedded {
		return j.cfg.Own
	}
	if c, have := j.made[name]; have {
		return c
	}
	was := j.failed[name]
	if now.Before(was.again) && was.again.Sub(now) <= longest {
		return nil
	}
	c, err := j.fetch(ctx, r, name)
	if err == nil {
		j.made[name] = c
		delete(j.failed, name)
		j.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "model taken", slog.String("model", c.Model()))
		return c
	}
	is := failure{wait: min(max(2*was.wait, every), longest), why: err.Error()}
	is.again = now.Add(is.wait)
	j.failed[name] = is
	if is.why != was.why {
		j.cfg.Log.LogAttrs(ctx, slog.LevelError, "model unusable", slog.String("model", name), slog.String("error", is.why))
	}
	return nil
}

// fetch makes the classifier of a model out of storage.
func (j *Judge) fetch(ctx context.Context, r model.Register, name string) (*classify.Classifier, error) {
	const op = "judge.fetch"
	known, is := r.Model(name)
	switch {
	case !is:
		return nil, fault.New(fault.NotFound, op, errors.New("the register names a model that it does not know"))
	case known.Reading != j.reading():
		return nil, fault.New(fault.Permanent, op, classify.ErrOtherReading)
	}
	raw, err := j.cfg.Storage.Get(ctx, name)
	if err != nil {
		return nil, err
	}
	if model.NameOf(raw) != name {
		return nil, fault.New(fault.Permanent, op, errors.New("the bytes are not those that the model is named after"))
	}
	c, err := classify.Fit(raw, known.Reading, known.Alias())
	if err != nil {
		return nil, fault.New(fault.Permanent, op, err)
	}
	return c, nil
}

// forget lets go of what the register names no longer; the model before stays at hand, for the way back.
func (j *Judge) forget(r model.Register) {
	named := map[string]bool{r.Deciding(): true, r.Shadow: true, r.Before(): true}
	for name := range j.made {
		if !named[name] {
			delete(j.made, name)
		}
	}
	for name := range j.failed {
		if !named[name] {
			delete(j.failed, name)
		}
	}
}
