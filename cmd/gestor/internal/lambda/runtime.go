//go:build unix

package lambda

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"
)

// runtimeAPI serves each environment under a path of its own, so that no process can take or answer another's work.
func (s *Service) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	const root = "/{environment}/2018-06-01/runtime"
	mux.HandleFunc("GET "+root+"/invocation/next", s.inEnvironment(s.next))
	mux.HandleFunc("POST "+root+"/invocation/{id}/response", s.inEnvironment(s.response))
	mux.HandleFunc("POST "+root+"/invocation/{id}/error", s.inEnvironment(s.failed))
	mux.HandleFunc("POST "+root+"/init/error", s.inEnvironment(s.initFailed))
	return mux
}

func (s *Service) inEnvironment(serve func(http.ResponseWriter, *http.Request, *environment)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		env := s.environments[r.PathValue("environment")]
		s.mu.Unlock()
		if env == nil {
			refuse(w, http.StatusForbidden, "InvalidStateTransition", "no such environment")
			return
		}
		serve(w, r, env)
	}
}

// next blocks until there is work. Asking for it also ends the previous invocation for good.
func (s *Service) next(w http.ResponseWriter, r *http.Request, env *environment) {
	if !s.becomeReady(env) {
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the current invocation has not been answered")
		return
	}
	var job *invocation
	select {
	case job = <-env.work:
	case <-r.Context().Done():
		return
	}
	s.mu.Lock()
	if r.Context().Err() != nil {
		// Nobody is there to take it: the process asks again, or ends and exited moves the job on.
		if env.job == job {
			env.work <- job
		}
		s.mu.Unlock()
		return
	}
	if env.job != job {
		// The watch gave it up in the meantime and the process is being killed.
		s.mu.Unlock()
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the environment is going away")
		return
	}
	env.delivered = true
	s.guard(env, job, env.fn.Timeout)
	deadline := s.cfg.Clock().Add(env.fn.Timeout)
	s.mu.Unlock()

	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(job.payload)))
	h.Set("Lambda-Runtime-Aws-Request-Id", job.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", env.fn.arn)
	h.Set("Lambda-Runtime-Trace-Id", traceID(deadline))
	if _, err := w.Write(job.payload); err != nil {
		s.cfg.Log.Warn("event not taken", slog.String("function", env.fn.Name), slog.String("request_id", job.id))
	}
}

// becomeReady notes that the process asks for work; false when it still owes an answer. An environment without work
// gives its slot back and waits among the idle ones.
func (s *Service) becomeReady(env *environment) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if env.job != nil && env.delivered {
		return false
	}
	if !env.started {
		env.started = true
		close(env.ready)
	}
	if env.job != nil || !env.slot || env.discarded != "" {
		return true
	}
	if env.watch != nil {
		env.watch.Stop()
		env.watch = nil
	}
	env.slot = false
	env.idleSince = time.Now()
	env.fn.idle = append(env.fn.idle, env)
	<-env.fn.slots
	return true
}

func (s *Service) response(w http.ResponseWriter, r *http.Request, env *environment) {
	body, ok := read(w, r)
	if !ok {
		s.answer(w, r, env, http.StatusRequestEntityTooLarge, failure(Unhandled, "Function.ResponseSizeTooLarge", "the answer is larger than 6 MiB or broke off"))
		return
	}
	// A handler whose answer is a stream reports a failure in the middle of it by trailer.
	if kind := r.Trailer.Get("Lambda-Runtime-Function-Error-Type"); kind != "" {
		payload, err := base64.StdEncoding.DecodeString(r.Trailer.Get("Lambda-Runtime-Function-Error-Body"))
		if err != nil || len(payload) == 0 {
			s.answer(w, r, env, http.StatusAccepted, failure(Unhandled, kind, "the answer broke off"))
			return
		}
		s.answer(w, r, env, http.StatusAccepted, Result{Payload: payload, FunctionError: Unhandled})
		return
	}
	s.answer(w, r, env, http.StatusAccepted, Result{Payload: body})
}

func (s *Service) failed(w http.ResponseWriter, r *http.Request, env *environment) {
	body, ok := read(w, r)
	if !ok || len(body) == 0 {
		kind := orDefault(r.Header.Get("Lambda-Runtime-Function-Error-Type"), "Runtime.Unknown")
		s.answer(w, r, env, http.StatusAccepted, failure(Unhandled, kind, "the function gave no readable error"))
		return
	}
	s.answer(w, r, env, http.StatusAccepted, Result{Payload: body, FunctionError: Unhandled})
}

// answer ends the invocation the path names. The watch goes on: a process that never asks for more work must not keep
// its slot.
func (s *Service) answer(w http.ResponseWriter, r *http.Request, env *environment, status int, res Result) {
	s.mu.Lock()
	current := env.job != nil && env.delivered && env.job.id == r.PathValue("id")
	if current {
		s.finish(env, res)
	}
	s.mu.Unlock()
	if !current {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "not the current invocation")
		return
	}
	if status != http.StatusAccepted {
		refuse(w, status, "RequestEntityTooLarge", "the answer was not taken")
		return
	}
	accepted(w)
}

// initFailed keeps why the environment could not start; its process ends by itself.
func (s *Service) initFailed(w http.ResponseWriter, r *http.Request, env *environment) {
	body, ok := read(w, r)
	if !ok || len(body) == 0 {
		kind := orDefault(r.Header.Get("Lambda-Runtime-Function-Error-Type"), "Runtime.Unknown")
		body = failure(Unhandled, kind, "the function could not start").Payload
	}
	s.mu.Lock()
	late := env.started
	if !late {
		env.initError = body
	}
	s.mu.Unlock()
	if late {
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the environment has already started")
		return
	}
	accepted(w)
}

// read takes the whole body; false when it is too large or breaks off.
func read(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxPayload))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		w.Header().Set("Connection", "close")
	}
	return body, err == nil
}

func accepted(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(failure(Unhandled, kind, message).Payload)
}

// traceID makes a header in the form of X-Ray's, never sampled.
func traceID(at time.Time) string {
	var b [20]byte
	_, _ = rand.Read(b[:]) // never fails; see crypto/rand
	h := hex.EncodeToString(b[:])
	return "Root=1-" + strconv.FormatInt(at.Unix(), 16) + "-" + h[:24] + ";Parent=" + h[24:] + ";Sampled=0"
}
