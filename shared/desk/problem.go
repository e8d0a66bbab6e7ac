package desk

import (
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
)

// problem is an RFC 9457 document. Ticket is the fresh case of a 409; Campo and Motivo the field and the reason of a 422.
type problem struct {
	Type   string      `json:"type,omitempty"`
	Title  string      `json:"title"`
	Status int         `json:"status"`
	Detail string      `json:"detail,omitempty"`
	Campo  string      `json:"campo,omitempty"`
	Motivo string      `json:"motivo,omitempty"`
	Ticket *ticketJSON `json:"ticket,omitempty"`
	// Channel is the fresh account of a 409 about one.
	Channel *channelJSON `json:"channel,omitempty"`
	// Post and Campaign are the fresh ones of a 409 about them; Findings all that is wrong with a post, of a 422.
	Post     *postJSON      `json:"post,omitempty"`
	Campaign *campaignJSON  `json:"campaign,omitempty"`
	Findings []post.Finding `json:"findings,omitempty"`
}

func (d *Desk) problem(w http.ResponseWriter, p problem) {
	w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
	w.WriteHeader(p.Status)
	if err := json.NewEncoder(w).Encode(p); err != nil {
		d.cfg.Log.Error("answer", slog.String("error", err.Error()))
	}
}

// fail answers an error by its kind; fresh is the case as it is now, for a conflict.
func (d *Desk) fail(w http.ResponseWriter, req *http.Request, err error, fresh *ticketJSON) {
	p := problemOf(err)
	p.Ticket = fresh
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if p.Status >= http.StatusInternalServerError {
		d.cfg.Log.LogAttrs(req.Context(), slog.LevelError, "request failed",
			slog.String("method", req.Method), slog.String("kind", fault.Of(err).String()), slog.String("error", err.Error()))
		if wait := fault.RetryAfter(err); wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		}
	}
	d.problem(w, p)
}

func problemOf(err error) problem {
	var f *fault.Error
	public, field := "", ""
	if errors.As(err, &f) {
		public, field = f.Public, f.Field
	}
	say := func(status int, title, detail string) problem {
		if public != "" {
			detail = public
		}
		return problem{Status: status, Title: title, Detail: detail}
	}
	switch fault.Of(err) {
	case fault.Invalid:
		p := say(http.StatusUnprocessableEntity, "No se puede guardar", "Hay un dato que no sirve.")
		p.Campo, p.Motivo = field, p.Detail
		return p
	case fault.Denied:
		if errors.Is(err, errNobody) {
			return say(http.StatusUnauthorized, "Ingresa de nuevo", "")
		}
		return say(http.StatusForbidden, "No tienes permiso", "Tu rol no permite esta acción.")
	case fault.NotFound:
		return say(http.StatusNotFound, "No existe", "No encontramos lo que buscas, o no puedes verlo.")
	case fault.Conflict, fault.Duplicate:
		return say(http.StatusConflict, "El caso cambió", "Otra persona o el sistema cambió el caso. Revisa cómo quedó e inténtalo de nuevo.")
	case fault.Transient:
		return say(http.StatusServiceUnavailable, "Inténtalo de nuevo", "El servicio está ocupado. Nada se perdió: inténtalo en unos segundos.")
	case fault.Permanent, fault.Poison, fault.Uncertain:
		return problem{Status: http.StatusInternalServerError, Title: "Algo falló", Detail: "No pudimos completar la acción. Inténtalo de nuevo; si se repite, avisa a TI."}
	default:
		return problem{Status: http.StatusInternalServerError, Title: "Algo falló", Detail: "No pudimos completar la acción. Inténtalo de nuevo; si se repite, avisa a TI."}
	}
}

func (d *Desk) json(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		d.cfg.Log.Error("answer", slog.String("error", err.Error()))
	}
}
