package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"sence.gob.cl/gestor/cmd/gestor/internal/local"
)

// bodyLimit bounds what anybody may post to the world.
const bodyLimit = 1 << 20

// refusal is an answer that says no, with the Spanish sentence its reader gets.
type refusal struct {
	status int
	detail string
}

func (r *refusal) Error() string { return r.detail }

func invalid(detail string) error  { return &refusal{http.StatusBadRequest, detail} }
func notFound(detail string) error { return &refusal{http.StatusNotFound, detail} }

func writeJSON(w http.ResponseWriter, status int, v any) {
	h := w.Header()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		status = http.StatusInternalServerError
		body.Reset()
	}
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes())
}

// writeProblem answers a control request that failed (RFC 9457).
func writeProblem(w http.ResponseWriter, err error) {
	status, detail := http.StatusInternalServerError, "El simulador no pudo guardar el cambio."
	var no *refusal
	if errors.As(err, &no) {
		status, detail = no.status, no.detail
	}
	w.Header().Set("Content-Type", "application/problem+json")
	writeJSON(w, status, map[string]any{
		"type": "about:blank", "status": status, "title": titles(status), "detail": detail,
	})
}

func titles(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "Solicitud incorrecta"
	case http.StatusUnauthorized:
		return "Sin autorización"
	case http.StatusForbidden:
		return "No permitido"
	case http.StatusNotFound:
		return "No existe"
	case http.StatusConflict:
		return "Conflicto"
	case http.StatusRequestEntityTooLarge:
		return "Cuerpo demasiado grande"
	case http.StatusUnsupportedMediaType:
		return "Formato no admitido"
	case http.StatusUnprocessableEntity:
		return "Datos incompletos o incorrectos"
	case http.StatusTooManyRequests:
		return "Demasiadas solicitudes"
	case http.StatusNotImplemented:
		return "Todavía no se simula"
	default:
		return "Error del simulador"
	}
}

// readJSON reads one JSON object; an empty body is an empty object.
func readJSON(r *http.Request, into any) error {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyLimit))
	if err != nil {
		return &refusal{http.StatusRequestEntityTooLarge, "El cuerpo supera 1 MiB o llegó cortado."}
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		return invalid("El cuerpo no es el JSON que se espera.")
	}
	return nil
}

// guard keeps other sites' pages from acting in the world through somebody's browser: what changes something is
// accepted only under a loopback Host, and from the same origin when the browser says from where.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		origin := r.Header.Get("Origin")
		foreign := r.Header.Get("Sec-Fetch-Site") == "cross-site" || (origin != "" && origin != "http://"+r.Host)
		if !local.IsLoopback(r.Host) || foreign {
			writeProblem(w, &refusal{http.StatusForbidden, "Solo se acepta desde este mismo equipo y desde las páginas del simulador."})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// routes is everything the simulator answers. The networks' own APIs are guarded by their tokens, the rest by guard.
func (s *Simulator) routes() http.Handler {
	control := http.NewServeMux()
	control.HandleFunc("POST /sim/{network}/messages", s.postMessage)
	control.HandleFunc("PATCH /sim/{network}/messages/{id}", s.patchMessage)
	control.HandleFunc("DELETE /sim/{network}/messages/{id}", s.deleteMessage)
	control.HandleFunc("GET /sim/{network}/sent", s.getSent)
	control.HandleFunc("GET /sim/{network}/acts", s.getActs)
	control.HandleFunc("POST /sim/{network}/acts", s.postAct)
	control.HandleFunc("POST /sim/{network}/consent", s.postConsent)
	control.HandleFunc("GET /sim/{network}/token", s.getToken)
	control.HandleFunc("POST /sim/{network}/token", s.postToken)
	control.HandleFunc("GET /sim/{network}/usage", s.getUsage)
	control.HandleFunc("POST /sim/{network}/usage", s.postUsage)
	control.HandleFunc("GET /sim/{network}/subscription", s.getSubscription)
	control.HandleFunc("POST /sim/{network}/subscription", s.postSubscription)
	control.HandleFunc("GET /sim/siac/casos", s.getCases)
	control.HandleFunc("POST /sim/siac/casos/{folio}/eventos", s.postMove)
	control.HandleFunc("GET /sim/mail", s.getMail)
	control.HandleFunc("POST /sim/faults", s.postFault)
	control.HandleFunc("GET /sim/faults", s.getFaults)
	control.HandleFunc("DELETE /sim/faults", s.clearFaults)
	control.HandleFunc("POST /sim/morning", s.postMorning)
	control.HandleFunc("GET /sim/morning", s.getMorning)
	control.HandleFunc("POST /sim/clock", s.postClock)
	control.HandleFunc("GET /sim/clock", s.getClock)
	control.HandleFunc("GET /sim/deliveries", s.getDeliveries)
	control.HandleFunc("POST /sim/deliveries/retry", s.postRetry)
	control.HandleFunc("POST /sim/{network}/handshake", s.postHandshake)
	control.HandleFunc("GET /sim/revision", s.getRevision)
	s.pageRoutes(control)

	all := http.NewServeMux()
	all.Handle("/graph/", s.faulty(s.graphTarget, refuseGraph, s.metered(s.graphTarget, http.HandlerFunc(s.graph))))
	all.Handle("/siac-api/", s.faulty(always(targetSiac), refuseSiac, s.siac()))
	all.Handle("/x-api/", s.faulty(always(targetX), s.refuseX, s.metered(always(targetX), s.xAPI())))
	linkedin := s.faulty(always(targetLinkedIn), refuseLinkedIn, s.metered(always(targetLinkedIn), s.linkedinAPI()))
	all.Handle("/linkedin-api/", linkedin)
	all.Handle("POST /oauth/v2/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := r.Clone(r.Context())
		at.URL.Path, at.URL.RawPath = "/linkedin-api"+r.URL.Path, ""
		linkedin.ServeHTTP(w, at)
	}))
	all.HandleFunc("GET /cdn/{network}/{file}", s.serveMedia)
	all.HandleFunc("GET "+whatsappMediaPath, s.whatsappBytes)
	all.HandleFunc("POST /ses/v2/email/outbound-emails", s.sendEmail)
	all.Handle("/", guard(control))
	return all
}
