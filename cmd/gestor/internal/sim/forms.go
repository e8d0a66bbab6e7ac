package sim

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// back answers a form: to the page with a notice, or a page that says what went wrong.
func (s *Simulator) back(w http.ResponseWriter, r *http.Request, err error, to, notice string, extra url.Values) {
	if err == nil {
		q := url.Values{"ok": {notice}}
		for name, values := range extra {
			q[name] = values
		}
		path, fragment, _ := strings.Cut(to, "#")
		if fragment != "" {
			fragment = "#" + fragment
		}
		http.Redirect(w, r, path+"?"+q.Encode()+fragment, http.StatusSeeOther)
		return
	}
	status, detail := http.StatusInternalServerError, "El simulador no pudo guardar el cambio."
	var no *refusal
	if errors.As(err, &no) {
		status, detail = no.status, no.detail
	}
	path, _, _ := strings.Cut(to, "#")
	s.show(w, r, status, "error", titles(status), problemView{detail, path})
}

// form reads a posted form within the limit.
func form(r *http.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, bodyLimit)
	if err := r.ParseForm(); err != nil {
		return nil, &refusal{http.StatusRequestEntityTooLarge, "El formulario es demasiado grande o llegó cortado."}
	}
	return r.PostForm, nil
}

func (s *Simulator) formWrite(w http.ResponseWriter, r *http.Request) {
	network := r.PathValue("network")
	to, extra := "/", url.Values{}
	v, err := form(r)
	if err == nil {
		err = known(network)
	}
	if err == nil {
		to = "/" + network
		if plain(v.Get("kind")) == kindDM {
			to = talksPage(network)
		}
		var it item
		if it, err = s.say(network, s.signed(v, extra)); err == nil {
			to += "#m-" + it.ID
			if it.Kind == kindDM {
				extra.Set("con", it.Thread)
			}
		}
	}
	s.back(w, r, err, to, "escrito", extra)
}

// signed is the text of a form with its author: one of the fictitious people, or a name written by hand.
func (s *Simulator) signed(v, extra url.Values) written {
	m := written{Author: v.Get("person"), Name: strings.TrimSpace(v.Get("name")), Text: v.Get("text"), Kind: v.Get("kind"), Thread: v.Get("thread")}
	m.Rating, _ = strconv.Atoi(v.Get("rating"))
	m.Own = v.Get("own") != ""
	for _, kind := range v["media"] {
		if kind != "" {
			m.Media = append(m.Media, kind)
		}
	}
	if m.Own {
		return m
	}
	extra.Set("como", m.Author)
	if m.Name != "" {
		m.Author = m.Name
	}
	for _, p := range fictitious() {
		if p.ID == m.Author {
			m.Name = p.Name
		}
	}
	return m
}

// origin is the page a form about an item belongs to.
func (s *Simulator) origin(r *http.Request, id string) (path string, extra url.Values) {
	network := r.PathValue("network")
	if known(network) != nil {
		return "/", url.Values{}
	}
	path, extra = "/"+network, url.Values{}
	s.read(func(w *world) {
		if it := w.items[id]; it != nil && it.Kind == kindDM {
			path = talksPage(network)
			extra.Set("con", it.Thread)
		}
	})
	return path + "#m-" + id, extra
}

func (s *Simulator) formEdit(w http.ResponseWriter, r *http.Request) {
	v, err := form(r)
	to, extra := s.origin(r, v.Get("id"))
	if err == nil {
		err = s.rewrite(r.PathValue("network"), v.Get("id"), v.Get("text"), v.Get("own") != "")
	}
	s.back(w, r, err, to, "editado", extra)
}

func (s *Simulator) formRemove(w http.ResponseWriter, r *http.Request) {
	v, err := form(r)
	to, extra := s.origin(r, v.Get("id"))
	if err == nil {
		err = s.remove(r.PathValue("network"), v.Get("id"), v.Get("own") != "")
	}
	s.back(w, r, err, to, "borrado", extra)
}

func (s *Simulator) formMove(w http.ResponseWriter, r *http.Request) {
	v, err := form(r)
	notice := "movido"
	if err == nil {
		var out moved
		out, err = s.moveCase(v.Get("folio"), move{State: v.Get("estado"), Text: v.Get("texto")})
		if out.Notice.State != stateDelivered {
			notice = out.Notice.State
		}
	}
	s.back(w, r, err, "/siac#c-"+v.Get("folio"), notice, nil)
}

func (s *Simulator) formClock(w http.ResponseWriter, r *http.Request) {
	v, err := form(r)
	o := clockOrder{Step: v.Get("step")}
	if err == nil && o.Step == "" {
		if o.At, err = time.ParseInLocation("2006-01-02T15:04", v.Get("at"), s.cal.Zone()); err != nil {
			err = invalid("Escribe la fecha y la hora a la que quieres mover el reloj.")
		}
	}
	if err == nil {
		_, err = s.advance(r.Context(), o)
	}
	s.back(w, r, err, "/", "reloj", nil)
}

func (s *Simulator) formMorning(w http.ResponseWriter, r *http.Request) {
	_, err := s.playMorning()
	s.back(w, r, err, "/", "manana", nil)
}

func (s *Simulator) formFault(w http.ResponseWriter, r *http.Request) {
	v, err := form(r)
	if err == nil {
		o := faultOrder{Target: v.Get("target"), Mode: v.Get("mode"), Reads: v.Get("reads") != ""}
		var percent float64
		var bad error
		if percent, bad = strconv.ParseFloat(v.Get("percent"), 64); bad != nil {
			err = invalid("Escribe un porcentaje entre 0 y 100.")
		}
		rate := percent / 100
		o.Rate = &rate
		if v.Get("ms") != "" {
			if o.Millis, bad = strconv.Atoi(v.Get("ms")); bad != nil {
				err = invalid("El tiempo debe ser un número entero de milisegundos.")
			}
		}
		if v.Get("count") != "" {
			if o.Count, bad = strconv.Atoi(v.Get("count")); bad != nil {
				err = invalid("La cantidad debe ser un número entero.")
			}
		}
		if err == nil {
			_, err = s.setFault(o)
		}
	}
	s.back(w, r, err, "/", "falla", nil)
}

func (s *Simulator) formClearFaults(w http.ResponseWriter, r *http.Request) {
	err := s.commit(func(t *tx) error { t.add(change{Clear: true}); return nil })
	s.back(w, r, err, "/", "sinfallas", nil)
}

func (s *Simulator) formRetry(w http.ResponseWriter, r *http.Request) {
	_, err := s.retryAll()
	s.back(w, r, err, "/", "reintento", nil)
}

func (s *Simulator) formHandshake(w http.ResponseWriter, r *http.Request) {
	s.back(w, r, s.handshake(r.Context(), targetFacebook), "/", "saludo", nil)
}
