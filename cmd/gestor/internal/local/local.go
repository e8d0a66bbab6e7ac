// Package local is the control surface of the local system under /local/: sign in without a password, move the clock,
// look at the queues. It exists on one machine only, and guards itself against other pages in the same browser.
package local

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// maxBody bounds what a control request may carry.
const maxBody = 64 << 10

// The errors a Machine may answer.
var (
	// ErrNoUser is a name that is not among the local users.
	ErrNoUser = errors.New("local: no such user")
	// ErrPast is a jump to an instant that has passed.
	ErrPast = errors.New("local: that instant has passed")
	// ErrNoQueue is a name that is not a queue with dead letters.
	ErrNoQueue = errors.New("local: no such queue")
	// ErrNoHome are dead letters that cannot be sent back, because they did not come from a queue.
	ErrNoHome = errors.New("local: dead letters without a queue to go back to")
)

// Machine is the running local system.
type Machine interface {
	// Login gives a token of a local user, or ErrNoUser.
	Login(user string) (string, error)
	// Tick moves the local clock to at (zero: stays) and runs what is due; ErrPast when at has passed. It says the
	// instant it ran for, and whether everything that followed was finished in time.
	Tick(ctx context.Context, at time.Time) (ran time.Time, drained bool, err error)
	// State tells how things stand.
	State() State
	// Redrive sends the dead letters of a queue back and counts them; ErrNoQueue, ErrNoHome.
	Redrive(ctx context.Context, queue string) (int, error)
}

// State is what GET /local/state answers.
type State struct {
	// Now is the local clock; Ahead is how far it is before the wall clock, in seconds.
	Now    time.Time `json:"now"`
	Ahead  int64     `json:"ahead"`
	Idle   bool      `json:"idle"`
	Queues []Queue   `json:"queues"`
}

// Queue counts the messages of one queue. Dead says that it only holds what others failed to handle.
type Queue struct {
	Name     string `json:"name"`
	Visible  int    `json:"visible"`
	InFlight int    `json:"inFlight"`
	Delayed  int    `json:"delayed"`
	Dead     bool   `json:"dead"`
}

// Handler answers /local/login, /local/tick, /local/state and /local/redrive; put it behind Guard.
func Handler(m Machine, log *slog.Logger) http.Handler {
	c := control{m: m, log: log}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /local/login", c.login)
	mux.HandleFunc("POST /local/tick", c.tick)
	mux.HandleFunc("GET /local/state", c.state)
	mux.HandleFunc("POST /local/redrive", c.redrive)
	mux.HandleFunc("/local/", func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusNotFound, "No existe", "El sistema local no tiene esa dirección.")
	})
	return mux
}

type control struct {
	m   Machine
	log *slog.Logger
}

func (c control) login(w http.ResponseWriter, r *http.Request) {
	var q struct {
		User string `json:"user"`
	}
	if !decode(w, r, &q) {
		return
	}
	token, err := c.m.Login(q.User)
	switch {
	case errors.Is(err, ErrNoUser):
		problem(w, http.StatusNotFound, "Usuario desconocido", "Ese usuario no existe en el sistema local.")
	case err != nil:
		c.broken(w, r, err)
	default:
		answer(w, map[string]string{"token": token})
	}
}

func (c control) tick(w http.ResponseWriter, r *http.Request) {
	var q struct {
		At *time.Time `json:"at"`
	}
	if !decode(w, r, &q) {
		return
	}
	var at time.Time
	if q.At != nil {
		at = *q.At
	}
	ran, drained, err := c.m.Tick(r.Context(), at)
	switch {
	case errors.Is(err, ErrPast):
		problem(w, http.StatusBadRequest, "Hora pasada", "El reloj local solo avanza: indica una hora posterior a la actual.")
	case err != nil:
		c.broken(w, r, err)
	default:
		answer(w, map[string]any{"at": ran.UTC().Format(time.RFC3339Nano), "drained": drained})
	}
}

func (c control) state(w http.ResponseWriter, _ *http.Request) { answer(w, c.m.State()) }

func (c control) redrive(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Queue string `json:"queue"`
	}
	if !decode(w, r, &q) {
		return
	}
	moved, err := c.m.Redrive(r.Context(), q.Queue)
	switch {
	case errors.Is(err, ErrNoQueue):
		problem(w, http.StatusNotFound, "Cola desconocida", "No hay una cola de mensajes fallidos con ese nombre.")
	case errors.Is(err, ErrNoHome):
		problem(w, http.StatusConflict, "Sin cola de origen", "Esos mensajes no vienen de una cola; el reloj de cada minuto retoma su trabajo.")
	case err != nil:
		c.broken(w, r, err)
	default:
		answer(w, map[string]int{"moved": moved})
	}
}

func (c control) broken(w http.ResponseWriter, r *http.Request, err error) {
	c.log.LogAttrs(r.Context(), slog.LevelError, "local control failed", slog.String("path", r.URL.Path), slog.Any("error", err))
	problem(w, http.StatusInternalServerError, "No se pudo", "El sistema local no pudo hacerlo; mira su registro.")
}

// decode reads a JSON body; an empty one is an empty object.
func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil && d.More() {
		err = errors.New("more than one value")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		problem(w, http.StatusBadRequest, "Petición mal formada", "El cuerpo no es el JSON esperado.")
		return false
	}
	return true
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v)
}

// problem writes an error as RFC 9457 asks.
func problem(w http.ResponseWriter, status int, title, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": title, "detail": detail, "status": status})
}
