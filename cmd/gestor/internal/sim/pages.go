package sim

import (
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

//go:embed templates static
var assets embed.FS

// policy lets the pages load their own style and script, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// parsePages reads the templates; each page is the layout with its own content.
func parsePages(zone *time.Location) (map[string]*template.Template, error) {
	funcs := template.FuncMap{
		"fecha":  func(t time.Time) string { return t.In(zone).Format("02-01-2006 15:04") },
		"local":  func(t time.Time) string { return t.In(zone).Format("2006-01-02T15:04") },
		"dia":    spoken,
		"paso":   stepName,
		"cuenta": plural,
		"por":    func(rate float64) string { return strconv.FormatFloat(rate*100, 'f', -1, 64) + " %" },
		"iso":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"estado": stateName,
		"modo":   modeName,
		"red":    targetName,
		"tipo":   kindName,
		"medio":  mediaName,
		"accion": tokenName,
		"clave":  tokenStateName,
		"medios": func(network string) []string { return mediaFor(network) },
	}
	pages := map[string]*template.Template{}
	for _, name := range []string{"resumen", "facebook", "mensajes", "red", "siac", "correo", "conexiones", "ayuda", "permiso", "pin", "error"} {
		page, err := template.New("base.html").Funcs(funcs).ParseFS(assets, "templates/base.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("sim: page %s: %w", name, err)
		}
		pages[name] = page
	}
	return pages, nil
}

// layout is what every page shows around its content.
type layout struct {
	Page     string
	Title    string
	Now      time.Time
	Revision string
	Notice   string
	People   []person
	As       string
	Networks []network // beside Facebook
	Body     any
}

// notices are the sentences a form's redirect may ask for; a word that is not here says nothing.
func noticeText(code string) string {
	switch code {
	case "escrito":
		return "Tu texto quedó publicado. La red ya le avisa al gestor."
	case "editado":
		return "El texto cambió. La red ya le avisa al gestor."
	case "hecho":
		return "Quedó hecho en la red."
	case "conexion":
		return "La conexión cambió. El gestor lo nota en su próxima llamada."
	case "borrado":
		return "El texto se borró. La red ya le avisa al gestor."
	case "manana":
		return "La mañana comenzó: 40 mensajes van camino al gestor."
	case "reloj":
		return "El reloj avanzó y se hizo lo que estaba pendiente."
	case "falla":
		return "La falla quedó activa."
	case "sinfallas":
		return "No quedan fallas activas."
	case "reintento":
		return "Los avisos pendientes se intentan otra vez."
	case "saludo":
		return "El webhook contestó bien el saludo."
	case "movido":
		return "El caso cambió de estado y el gestor recibió el aviso."
	case "pendiente":
		return "El caso cambió de estado. El gestor no recibió el aviso: quedó pendiente y se reintentará."
	case "descartado":
		return "El caso cambió de estado. Una falla activa hizo que SIAC no avisara."
	}
	return ""
}

func (s *Simulator) show(w http.ResponseWriter, r *http.Request, status int, name, title string, body any) {
	s.showWith(w, r, status, name, title, body, "")
}

// showWith shows a page whose forms may lead to one more place.
func (s *Simulator) showWith(w http.ResponseWriter, r *http.Request, status int, name, title string, body any, leadsTo string) {
	l := layout{
		Page: name, Title: title, Now: s.cfg.Clock(), Revision: s.revision(), Notice: noticeText(r.URL.Query().Get("ok")),
		People: fictitious(), As: r.URL.Query().Get("como"), Networks: otherNetworks(), Body: body,
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", strings.Replace(policy, "form-action 'self'", strings.TrimSpace("form-action 'self' "+leadsTo), 1))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	template := s.pages[name]
	if template == nil {
		template = s.pages["red"] // the networks beside Facebook share one
	}
	if err := template.Execute(w, l); err != nil {
		s.cfg.Log.Warn("page failed", slog.String("page", name), slog.String("error", err.Error()))
	}
}

// revision changes whenever a page could look different: something happened, a delivery was refused, or a minute went
// by on the local clock.
func (s *Simulator) revision() string {
	return fmt.Sprintf("%d-%d-%d", s.journal.lines(), s.outbox.failed(), s.cfg.Clock().Unix()/60)
}

func (s *Simulator) getRevision(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"revision": s.revision()})
}

func (s *Simulator) pageRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", s.pageOverview)
	mux.HandleFunc("GET /facebook", s.pageWall)
	mux.HandleFunc("GET /facebook/mensajes", s.pageTalks)
	mux.HandleFunc("GET /siac", s.pageCases)
	mux.HandleFunc("GET /correo", s.pageMail)
	for _, n := range otherNetworks() {
		mux.HandleFunc("GET /"+n.Name, s.pageNetwork(n))
	}
	mux.HandleFunc("GET /{version}/dialog/oauth", s.pageConsent(appMeta))
	mux.HandleFunc("GET /i/oauth2/authorize", s.pageConsent(appX))
	mux.HandleFunc("GET /oauth/authorize", s.pageConsent(appX))
	mux.HandleFunc("GET /oauth/v2/authorization", s.pageConsent(appLinkedIn))
	mux.HandleFunc("POST /permiso", s.formConsent)
	mux.HandleFunc("GET /conexiones", s.pageLinks)
	mux.HandleFunc("GET /ayuda", s.pageHelp)
	mux.HandleFunc("GET /medio/{id}", s.pageMedium)
	mux.HandleFunc("POST /{network}/clave", s.formToken)
	mux.HandleFunc("POST /{network}/suscripcion", s.formSubscription)
	mux.HandleFunc("POST /{network}/uso", s.formUsage)
	mux.HandleFunc("POST /{network}/accion", s.formAct)
	mux.HandleFunc("POST /{network}/escribir", s.formWrite)
	mux.HandleFunc("POST /{network}/editar", s.formEdit)
	mux.HandleFunc("POST /{network}/borrar", s.formRemove)
	mux.HandleFunc("POST /siac/mover", s.formMove)
	mux.HandleFunc("POST /reloj", s.formClock)
	mux.HandleFunc("POST /manana", s.formMorning)
	mux.HandleFunc("POST /fallas", s.formFault)
	mux.HandleFunc("POST /fallas/quitar", s.formClearFaults)
	mux.HandleFunc("POST /avisos/reintentar", s.formRetry)
	mux.HandleFunc("POST /saludo", s.formHandshake)
	files := http.FileServerFS(assets)
	mux.HandleFunc("GET /static/{file}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-cache")
		files.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		s.show(w, r, http.StatusNotFound, "error", "No existe", problemView{"Esa página no existe en el simulador.", "/"})
	})
}

// problemView is a failed form: what went wrong, and where to go on.
type problemView struct {
	Detail string
	Back   string
}

// stateName is a SIAC state as a person reads it.
func stateName(state string) string {
	names := map[string]string{
		"ingresado": "Ingresado", "en_analisis": "En análisis", "pendiente_antecedentes": "Pendiente de antecedentes",
		"desistido": "Desistido", "derivado": "Derivado", "no_competencia": "No es competencia", "respondido": "Respondido",
		"cerrado": "Cerrado", "reabierto": "Reabierto", "apelado": "Apelado", "duplicado": "Duplicado", "spam": "Spam", "anulado": "Anulado",
	}
	if name, ok := names[state]; ok {
		return name
	}
	return state
}

// stepName is the kind of a step of a case as a person reads it.
func stepName(kind string) string {
	switch kind {
	case "ingreso":
		return "Ingreso"
	case "cambio_estado":
		return "Cambio de estado"
	}
	return kind
}

// spoken turns AAAA-MM-DD into DD-MM-AAAA.
func spoken(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return t.Format("02-01-2006")
}

// targetName is a network or SIAC as a person reads it.
func targetName(target string) string {
	if n, ok := networkOf(target); ok {
		return n.Title
	}
	if target == targetSiac {
		return "SIAC"
	}
	return "Facebook"
}

// kindName is what a citizen can write on a network, as a person reads it.
func kindName(network, kind string) string {
	switch {
	case kind == kindComment:
		return "Comentario"
	case kind == kindDM:
		return "Mensaje privado"
	case kind == kindTag:
		return "Publicación propia que nos etiqueta"
	case kind == kindStoryMention:
		return "Historia que nos menciona"
	case kind == kindStoryReply:
		return "Respuesta a nuestra historia"
	case kind == kindChat:
		return "Mensaje privado cifrado"
	case kind == kindPost && network == targetX:
		return "Publicación que nos cita"
	}
	return "Mención"
}

// modeName says in Spanish what a fault does.
func modeName(mode string) string {
	names := map[string]string{
		applyThen500: "Actúa y responde 500", applyThenReset: "Actúa y corta la conexión", applyThenHang: "Actúa y no responde",
		refuse429: "Rechaza con 429", refuse500: "Rechaza con 500", tokenExpired: "Credencial vencida", slow: "Responde lento",
		down: "No contesta", dropWebhooks: "No avisa al gestor", refuseDuplicate: "Rechaza repetidos (Facebook y LinkedIn)",
		refuse500Bare: "Rechaza con 500 sin decir por qué", htmlError: "Responde una página de error", quota429: "Cuota agotada (429 con plazo)",
		echoAhead: "Avisa antes de contestar", foreignPaging: "Manda la página siguiente a otro sitio",
		statusFailed: "Acepta y después no entrega (WhatsApp)",
	}
	if name, ok := names[mode]; ok {
		return name
	}
	return mode
}

// initials are the first letters of the first two words.
func initials(name string) string {
	out := ""
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len([]rune(out)) == 2 {
			break
		}
		out += string(unicode.ToUpper([]rune(word)[0]))
	}
	return out
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
