package desk

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
)

// callbackPath is where a network sends the person back to. It takes no token: who knows the state of a connection that
// waits is who the console sent away.
const callbackPath = "/oauth/callback"

// maxWord is the longest word of a network that is taken, in bytes.
const maxWord = 4096

// callback takes the person back from the network: once, and only while the connection waits for it.
func (d *Desk) callback(w http.ResponseWriter, req *http.Request) {
	q := req.URL.Query()
	var c channel.Connection
	var found bool
	var err error
	if state := q.Get("state"); plausible(state) {
		c, found, err = d.cfg.Channels.Connection(req.Context(), state)
	}
	if err != nil {
		d.busy(w, req, err)
		return
	}
	if !found {
		d.page(w, http.StatusNotFound, "Este enlace ya no sirve", "La conexión no existe o se acabó su tiempo. Vuelve a la consola y empieza de nuevo.")
		return
	}
	word, refused := brought(q)
	sealed := ""
	if refused == "" {
		if sealed, err = d.seal(req.Context(), c.ID, channel.Brought{Code: word}); err != nil {
			d.busy(w, req, err)
			return
		}
	}
	c, err = c.Returned(sealed, refused)
	if err == nil {
		change := ticket.Change{Connection: &c}
		if refused == "" {
			change.Send = []outbox.Message{carryOn(c, d.cfg.Arrived(req.Context()))}
		}
		err = d.cfg.Cases.Commit(req.Context(), change)
	}
	switch {
	case fault.Is(err, fault.Conflict): // back twice, one after the other or at once
		d.page(w, http.StatusConflict, "Este enlace ya se usó", "Vuelve a la consola y mira cómo va la conexión.")
	case err != nil:
		d.busy(w, req, err)
	case refused != "":
		d.page(w, http.StatusOK, "No se conectó", "La red no nos dio permiso. Vuelve a la consola: ahí puedes intentarlo de nuevo.")
	default:
		d.page(w, http.StatusOK, "Listo por aquí", "La red nos dio permiso. Vuelve a la consola: ahí termina la conexión.")
	}
}

// plausible reports whether a text may be the id of a connection: what is none is not looked for.
func plausible(state string) bool {
	return state != "" && len(state) <= 64 && !strings.ContainsFunc(state, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '_'
	})
}

// brought reads what the network gave the person for us: its word (OAuth 2.0: code, 1.0a: oauth_verifier), or why it gave
// none.
func brought(q url.Values) (word, refused string) {
	word = q.Get("code")
	if word == "" {
		word = q.Get("oauth_verifier")
	}
	saidNo := []string{"access_denied", "user_cancelled_authorize", "user_cancelled_login"} // the last two are LinkedIn's
	switch {
	case slices.Contains(saidNo, q.Get("error")) || q.Has("denied"):
		return "", channel.ReasonRefused
	case q.Get("error") != "" || word == "" || len(word) > maxWord:
		return "", channel.ReasonNetwork
	default:
		return word, ""
	}
}

// pageStyle is all the page looks like; the policy lets in exactly these bytes.
const pageStyle = `:root{color-scheme:light dark}body{max-width:30rem;margin:15vh auto;padding:1rem;font:100%/1.5 system-ui,sans-serif;` +
	`color:light-dark(#111,#eee);background:light-dark(#f4f6f9,#0b1120)}h1{font-size:1.4rem}`

// busy answers what went wrong on our side; the same page loaded again is the same try.
func (d *Desk) busy(w http.ResponseWriter, req *http.Request, err error) {
	d.cfg.Log.LogAttrs(req.Context(), slog.LevelError, "request failed", slog.String("method", req.Method),
		slog.String("kind", fault.Of(err).String()), slog.String("error", err.Error()))
	d.page(w, http.StatusServiceUnavailable, "Inténtalo de nuevo",
		"El servicio está ocupado. Vuelve a cargar esta página en unos segundos; si no resulta, vuelve a la consola.")
}

// page is a page of its own, outside of the console.
func (d *Desk) page(w http.ResponseWriter, status int, title, text string) {
	sum := sha256.Sum256([]byte(pageStyle))
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'")
	w.WriteHeader(status)
	err := pageTemplate().Execute(w, struct {
		Title, Text string
		Style       template.CSS
	}{title, text, pageStyle})
	if err != nil {
		d.cfg.Log.Error("answer", slog.String("error", err.Error()))
	}
}

func pageTemplate() *template.Template {
	return template.Must(template.New("page").Parse(`<!DOCTYPE html>
<html lang="es-CL">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>{{.Title}} · Gestor de redes</title><style>{{.Style}}</style></head>
<body><main><h1>{{.Title}}</h1><p>{{.Text}}</p><p>Puedes cerrar esta pestaña.</p></main></body>
</html>
`))
}
