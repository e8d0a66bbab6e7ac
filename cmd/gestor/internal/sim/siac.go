package sim

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones of cases must be known on any machine

	"sence.gob.cl/gestor/shared/mention"
)

// reclamoDays is the term SIAC gives a case, in business days (domain.md §6.4).
const reclamoDays = 20

// longestKey is how long an Idempotency-Key may be (domain.md §6.2).
const longestKey = 128

// siacStates are the states of a case (domain.md §6.3).
func siacStates() []string {
	return []string{
		"ingresado", "en_analisis", "pendiente_antecedentes", "desistido", "derivado", "no_competencia", "respondido",
		"cerrado", "reabierto", "apelado", "duplicado", "spam", "anulado",
	}
}

// siacTypes are the kinds of request SIAC files.
func siacTypes() []string {
	return []string{"reclamo", "apelacion", "consulta", "sugerencia", "felicitacion", "denuncia", "saip", "derecho_datos", "solicitud"}
}

// siacProblem is SIAC's error (RFC 9457 with its own members, domain.md §6.2).
type siacProblem struct {
	Type      string      `json:"type"`
	Title     string      `json:"title"`
	Status    int         `json:"status"`
	Detail    string      `json:"detail"`
	Code      string      `json:"codigo"`
	Retryable bool        `json:"reintentable"`
	Fields    []siacField `json:"campos,omitempty"`
	ID        string      `json:"id_correlacion"`
}

type siacField struct {
	Field  string `json:"campo"`
	Motive string `json:"motivo"`
}

func (p *siacProblem) Error() string { return p.Code }

func siacError(status int, code, detail string, fields ...siacField) *siacProblem {
	return &siacProblem{
		Type: "about:blank", Title: titles(status), Status: status, Detail: detail, Code: code, Fields: fields,
		Retryable: status == http.StatusTooManyRequests || status >= http.StatusInternalServerError,
	}
}

func writeSiacError(w http.ResponseWriter, err error) {
	var p *siacProblem
	if !errors.As(err, &p) {
		p = siacError(http.StatusInternalServerError, "error_interno", "SIAC no pudo guardar el caso.")
	}
	out := *p
	out.ID = "corr-" + token(out.Code+out.Detail, 10)
	w.Header().Set("Content-Type", "application/problem+json")
	writeJSON(w, out.Status, out)
}

// refuseSiac answers a write under a fault that does not let it happen.
func refuseSiac(w http.ResponseWriter, _, mode string) {
	switch mode {
	case refuse429:
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		writeSiacError(w, siacError(http.StatusTooManyRequests, "cuota", "Demasiadas solicitudes. Intenta más tarde."))
	case tokenExpired:
		w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		writeSiacError(w, siacError(http.StatusUnauthorized, "token_vencido", "La credencial venció."))
	default:
		writeSiacError(w, siacError(http.StatusInternalServerError, "error_interno", "SIAC falló y no hizo nada."))
	}
}

// siac is the API below /siac-api (domain.md §6.1).
func (s *Simulator) siac() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /siac-api/v1/salud", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"estado": "ok"})
	})
	mux.HandleFunc("POST /siac-api/v1/casos", s.siacFile)
	mux.HandleFunc("GET /siac-api/v1/casos", s.siacFind)
	mux.HandleFunc("GET /siac-api/v1/casos/{folio}", s.siacGet)
	mux.HandleFunc("POST /siac-api/v1/casos/{folio}/eventos", s.siacNote)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bearer, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		valid := found && s.cfg.SiacToken != "" && hmac.Equal([]byte(bearer), []byte(s.cfg.SiacToken))
		if !valid && !strings.HasSuffix(r.URL.Path, "/v1/salud") {
			w.Header().Set("WWW-Authenticate", "Bearer")
			writeSiacError(w, siacError(http.StatusUnauthorized, "sin_credencial", "Falta la credencial o no es válida."))
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// filing is the body of POST casos, as far as SIAC reads it (domain.md §5.4); it keeps the rest.
type filing struct {
	Channel     string `json:"canal"`
	Network     string `json:"red"`
	Type        string `json:"tipo_solicitud"`
	Description string `json:"descripcion"`
	Entered     string `json:"fecha_ingreso"`
	Zone        string `json:"zona"`
	Key         string `json:"clave_idempotencia"`
	Ref         string `json:"ref_externa"`
}

// siacBody reads a JSON body with its Idempotency-Key; the hash ignores the order of members.
func siacBody(r *http.Request, into any) (raw []byte, hash string, err error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return nil, "", siacError(http.StatusUnsupportedMediaType, "formato", "El cuerpo debe ser application/json.")
	}
	raw, err = io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyLimit))
	if err != nil {
		return nil, "", siacError(http.StatusRequestEntityTooLarge, "tamano", "El cuerpo supera 1 MiB o llegó cortado.")
	}
	sorted, err := sortedJSON(raw)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		return nil, "", siacError(http.StatusBadRequest, "json", "El cuerpo no es el JSON que se espera.")
	}
	sum := sha256.Sum256(sorted)
	return raw, hex.EncodeToString(sum[:]), nil
}

// sortedJSON writes a JSON text with its members sorted and its numbers as they were.
func sortedJSON(body []byte) ([]byte, error) {
	var v any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	return json.Marshal(v)
}

// lacking lists what keeps a filing from being accepted.
func (f filing) lacking(key string) []siacField {
	var lacks []siacField
	need := func(ok bool, name, motive string) {
		if !ok {
			lacks = append(lacks, siacField{name, motive})
		}
	}
	need(f.Channel != "", "canal", "Es obligatorio.")
	need(mention.Network(f.Network).Known(), "red", "Es obligatoria y debe ser una red conocida.")
	need(slices.Contains(siacTypes(), f.Type), "tipo_solicitud", "Es obligatorio: "+strings.Join(siacTypes(), ", ")+".")
	need(strings.TrimSpace(f.Description) != "", "descripcion", "Es obligatoria.")
	entered, err := time.Parse(time.RFC3339, f.Entered)
	_, offset := entered.Zone()
	need(err == nil && offset == 0, "fecha_ingreso", "Es obligatoria, RFC 3339 en UTC.")
	_, err = time.LoadLocation(f.Zone)
	need(f.Zone != "" && f.Zone != "Local" && err == nil, "zona", "Es obligatoria y debe ser una zona horaria conocida.")
	need(f.Key == key, "clave_idempotencia", "Es obligatoria e igual a Idempotency-Key.")
	need(f.Ref != "", "ref_externa", "Es obligatoria.")
	return lacks
}

func (s *Simulator) siacFile(w http.ResponseWriter, r *http.Request) {
	var f filing
	key := r.Header.Get("Idempotency-Key")
	raw, hash, err := siacBody(r, &f)
	if err == nil && (key == "" || len(key) > longestKey) {
		err = siacError(http.StatusBadRequest, "clave", "Idempotency-Key es obligatoria y tiene hasta 128 caracteres.")
	}
	var c siacCase
	status := http.StatusCreated
	if err == nil {
		err = s.commit(func(t *tx) error {
			if folio, known := t.w.caseKeys[key]; known {
				c, status = *t.w.cases[folio], http.StatusOK
				if c.Hash != hash {
					return siacError(http.StatusConflict, "clave_reutilizada", "Esa clave ya se usó con otro cuerpo.")
				}
				return nil
			}
			var err error
			c, err = s.file(t, f, key)
			if err != nil {
				return err
			}
			c.Hash, c.Body = hash, raw
			t.add(change{Case: &c})
			t.add(change{Event: &caseEvent{
				ID: "ev-" + token(c.Folio+"1", 12), Folio: c.Folio, Sequence: 1, Type: "ingreso", State: c.State, By: "gestor", At: c.At,
			}})
			return nil
		})
	}
	if err != nil {
		writeSiacError(w, err)
		return
	}
	writeJSON(w, status, c.brief())
}

// file makes the case of a filing. The term runs from the network's time, whenever SIAC hears of it (article 25).
func (s *Simulator) file(t *tx, f filing, key string) (siacCase, error) {
	if lacks := f.lacking(key); len(lacks) > 0 {
		return siacCase{}, siacError(http.StatusUnprocessableEntity, "campos", "Faltan campos obligatorios o no son válidos.", lacks...)
	}
	entered, err := time.Parse(time.RFC3339, f.Entered)
	if err != nil {
		return siacCase{}, err
	}
	zone, err := time.LoadLocation(f.Zone)
	if err != nil {
		return siacCase{}, err
	}
	cal := s.cal.In(zone)
	computable, err := cal.Computable(cal.DateOf(entered, zone))
	if err != nil {
		return siacCase{}, offCalendar()
	}
	due, err := cal.Due(entered, reclamoDays)
	if err != nil {
		return siacCase{}, offCalendar()
	}
	n := len(t.w.caseOrder)
	return siacCase{
		Folio: "SIAC-SIM-" + token(key+strconv.Itoa(n)+t.now.Format(time.RFC3339Nano), 8),
		Key:   key, Ref: f.Ref, Type: f.Type, Network: f.Network,
		State: "ingresado", Entered: entered.UTC(), Computable: computable.String(), Due: due.String(), Sequence: 1, At: t.now.UTC(),
	}, nil
}

func offCalendar() error {
	return siacError(http.StatusUnprocessableEntity, "fecha", "La fecha de ingreso o su plazo están fuera del calendario de feriados.",
		siacField{"fecha_ingreso", "Fuera del calendario."})
}

// siacBrief is a case as SIAC answers it.
type siacBrief struct {
	Folio      string            `json:"folio"`
	Ref        string            `json:"ref_externa"`
	State      string            `json:"estado"`
	Type       string            `json:"tipo_solicitud"`
	Network    string            `json:"red"`
	Entered    time.Time         `json:"fecha_ingreso"`
	Computable string            `json:"fecha_ingreso_computable"`
	Due        string            `json:"vence_el"`
	Sequence   int               `json:"secuencia"`
	Key        string            `json:"clave_idempotencia"`
	Links      map[string]string `json:"_links"`
	History    []siacStep        `json:"historial,omitempty"`
}

// siacStep is one step of a case's history.
type siacStep struct {
	ID       string    `json:"id_evento"`
	Sequence int       `json:"secuencia"`
	Type     string    `json:"tipo"`
	State    string    `json:"estado,omitempty"`
	Text     string    `json:"texto,omitempty"`
	By       string    `json:"autor"`
	At       time.Time `json:"ocurrido_en"`
}

func (c *siacCase) brief() siacBrief {
	return siacBrief{
		Folio: c.Folio, Ref: c.Ref, State: c.State, Type: c.Type, Network: c.Network, Entered: c.Entered, Computable: c.Computable,
		Due: c.Due, Sequence: c.Sequence, Key: c.Key, Links: map[string]string{"self": "/siac-api/v1/casos/" + c.Folio},
	}
}

func (c *siacCase) full() siacBrief {
	b := c.brief()
	for _, e := range c.History {
		b.History = append(b.History, siacStep{e.ID, e.Sequence, e.Type, e.State, e.Text, e.By, e.At})
	}
	return b
}
