package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/model"
	"sence.gob.cl/gestor/shared/ticket"
)

// ModelRegister is the store as the work on the classifier's models needs it.
type ModelRegister interface {
	Models(ctx context.Context) (model.Register, error)
}

// ModelBytes keeps the bytes of models by their names.
type ModelBytes interface {
	Put(ctx context.Context, name string, body []byte) error
	Get(ctx context.Context, name string) ([]byte, error)
}

// Models is what the work on the classifier's models needs.
type Models struct {
	Register ModelRegister
	Bytes    ModelBytes
}

// modelJSON is a model as the API shows it. Usable tells whether this program reads texts as the model wants them read.
type modelJSON struct {
	Name    string     `json:"name"`
	Label   string     `json:"label"`
	Reading string     `json:"reading"`
	Usable  bool       `json:"usable"`
	Size    int        `json:"size"`
	AddedAt time.Time  `json:"addedAt"`
	AddedBy personJSON `json:"addedBy"`
}

// modelStepJSON is one step of the register, as the bitácora has it.
type modelStepJSON struct {
	Version int        `json:"version"`
	At      time.Time  `json:"at"`
	By      personJSON `json:"by"`
	Kind    audit.Kind `json:"kind"`
	From    string     `json:"from,omitempty"`
	To      string     `json:"to"`
}

// modelsJSON is the register as the API shows it. Current and Previous are a name or "embedded", Shadow one of both or "none". Own is
// the model of the program. Steps are the latest, the newest first; answers to writes do not carry them.
type modelsJSON struct {
	Version  int             `json:"version"`
	Current  string          `json:"current"`
	Shadow   string          `json:"shadow"`
	Previous string          `json:"previous"`
	Own      ownJSON         `json:"own"`
	Items    []modelJSON     `json:"items"`
	Steps    []modelStepJSON `json:"steps,omitempty"`
}

// ownJSON is the model of the program that answers, and how it reads texts.
type ownJSON struct {
	Label   string `json:"label"`
	Reading string `json:"reading"`
}

// mostSteps is how many steps of the register are shown.
const mostSteps = 50

func showModel(k model.Known, reading string) modelJSON {
	return modelJSON{
		Name: k.Name, Label: k.Label, Reading: k.Reading, Usable: k.Reading == reading, Size: k.Size, AddedAt: k.At,
		AddedBy: personJSON{k.By, k.ByName},
	}
}

func showModels(r model.Register) modelsJSON {
	out := modelsJSON{
		Version: r.Version, Current: r.Deciding(), Shadow: cmp.Or(r.Shadow, model.None), Previous: r.Before(),
		Own: ownJSON{Label: classify.New().Model(), Reading: classify.Reading()}, Items: []modelJSON{},
	}
	for _, k := range slices.Backward(r.Models) {
		out.Items = append(out.Items, showModel(k, out.Own.Reading))
	}
	return out
}

// models lists the models, and what was done with them.
func (d *Desk) models(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanSeeRegister)) {
		return
	}
	r, err := d.cfg.Models.Register.Models(req.Context())
	var steps []audit.Entry
	if err == nil {
		steps, err = d.cfg.Cases.History(req.Context(), model.Chain)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	out := showModels(r)
	for _, e := range slices.Backward(steps) {
		if len(out.Steps) < mostSteps {
			out.Steps = append(out.Steps, modelStepJSON{
				Version: e.Version, At: e.At, By: personJSON{e.Actor, e.ActorName}, Kind: e.Kind, From: e.From, To: e.To,
			})
		}
	}
	d.json(w, http.StatusOK, out)
}

// switching is who changes models, with the body of at most so many bytes; false when that was answered already.
func (d *Desk) switching(w http.ResponseWriter, req *http.Request, most int64) (by ticket.Actor, click ticket.Click, body []byte, ok bool) {
	by, err := d.caller(req)
	if err == nil && !ticket.Allowed(by, ticket.CanSwitch) {
		err = fault.Say(fault.Denied, "desk.switching", "Los modelos los cambia jefatura o TI.")
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return by, click, nil, false
	}
	click, body, p := clicked(req, by, most)
	if p != nil {
		d.problem(w, *p)
		return by, click, nil, false
	}
	return by, click, body, !d.repeated(w, req, click)
}

// addModel takes the bytes of a model. The query's reading is how texts were read when it was trained: its bytes do not tell. Bytes
// that are known are stored again, which mends what was lost of them.
func (d *Desk) addModel(w http.ResponseWriter, req *http.Request) {
	if req.ContentLength > maxFile {
		d.problem(w, problem{Status: http.StatusRequestEntityTooLarge, Title: "Es demasiado grande", Detail: "Un modelo puede pesar hasta 4 MB."})
		return
	}
	by, click, body, ok := d.switching(w, req, maxFile)
	if !ok {
		return
	}
	k := model.Known{Name: model.NameOf(body), Reading: req.URL.Query().Get("reading"), Size: len(body)}
	c, err := fits(body, k)
	if err == nil {
		k.Label = c.Model()
		err = d.cfg.Models.Bytes.Put(req.Context(), k.Name, body)
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	d.modelStep(w, req, click, nil, func(r model.Register) (model.Step, error) {
		return r.Add(k, model.Person{ID: by.ID, Name: by.Name}, d.cfg.Arrived(req.Context()))
	})
}

// fits makes a classifier of a model, or says in words for people why that cannot be.
func fits(raw []byte, k model.Known) (*classify.Classifier, error) {
	const op = "desk.fits"
	c, err := classify.Fit(raw, k.Reading, k.Alias())
	switch {
	case err == nil:
		return c, nil
	case errors.Is(err, classify.ErrOtherReading):
		return nil, fault.Reject(op, "reading", "El modelo se entrenó para leer los textos de otra forma que la de este programa ("+classify.Reading()+").")
	case errors.Is(err, classify.ErrOtherShape):
		return nil, fault.Reject(op, "model", "El modelo tiene otras clases o temas que este programa.")
	case errors.Is(err, classify.ErrOddName):
		return nil, fault.Reject(op, "model", "El nombre que lleva el modelo dentro no sirve: minúsculas, números y guiones, hasta 40.")
	case errors.Is(err, classify.ErrNoSense):
		return nil, fault.Reject(op, "model", "El modelo no distingue ni los textos más claros: no se entrenó para este programa.")
	default:
		return nil, fault.Reject(op, "model", "Eso no es un modelo, o llegó dañado.")
	}
}

// modelOrder is the body of every act on models; each reads what it needs. With a version, it is on the register as it was seen.
type modelOrder struct {
	Model   string `json:"model"`
	Version *int   `json:"version"`
}

// actModel tries a model in the shadow, lets it decide, or goes back to the one before.
func (d *Desk) actModel(w http.ResponseWriter, req *http.Request) {
	const op = "desk.actModel"
	by, click, body, ok := d.switching(w, req, maxRequest)
	if !ok {
		return
	}
	var o modelOrder
	if err := json.Unmarshal(body, &o); err != nil {
		d.problem(w, problem{Status: http.StatusBadRequest, Title: notUnderstood, Detail: "El contenido no es JSON válido, o un campo tiene otro tipo."})
		return
	}
	who, now := model.Person{ID: by.ID, Name: by.Name}, d.cfg.Arrived(req.Context())
	var do func(r model.Register) (model.Step, error)
	switch req.PathValue("action") {
	case "shadow":
		do = func(r model.Register) (model.Step, error) {
			return d.sound(req.Context(), r, o.Model, model.Register.Try, who, now)
		}
	case "use":
		do = func(r model.Register) (model.Step, error) {
			return d.sound(req.Context(), r, o.Model, model.Register.Use, who, now)
		}
	case "rollback": // asks nothing of storage: it must work when all else is broken
		do = func(r model.Register) (model.Step, error) { return r.Back(who, now) }
	default:
		d.fail(w, req, fault.Say(fault.NotFound, op, "Esa acción no existe."), nil)
		return
	}
	d.modelStep(w, req, click, o.Version, do)
}

// sound takes a step to a model that lies in storage whole, and that this program can use.
func (d *Desk) sound(
	ctx context.Context, r model.Register, meant string, step func(model.Register, string, model.Person, time.Time) (model.Step, error),
	by model.Person, now time.Time,
) (model.Step, error) {
	const op = "desk.sound"
	s, err := step(r, meant, by, now)
	k, stored := r.Model(s.Entry.To)
	if err != nil || !stored {
		return s, err
	}
	raw, err := d.cfg.Models.Bytes.Get(ctx, k.Name)
	if fault.Is(err, fault.NotFound) {
		return model.Step{}, fault.Reject(op, "model", "Los datos de ese modelo ya no están. Agrégalo de nuevo.")
	}
	if err != nil {
		return model.Step{}, err
	}
	if model.NameOf(raw) != k.Name {
		return model.Step{}, fault.Reject(op, "model", "Los datos de ese modelo están dañados. Agrégalo de nuevo.")
	}
	_, err = fits(raw, k)
	return s, err
}

// modelRounds is how often a step that came too late is decided again on the register as it is.
const modelRounds = 4

// modelStep takes a step on the register as it was seen, or on the freshest, and answers how it is then. A step that would change
// nothing is a success.
func (d *Desk) modelStep(w http.ResponseWriter, req *http.Request, click ticket.Click, seen *int, do func(model.Register) (model.Step, error)) {
	for range modelRounds {
		r, err := d.cfg.Models.Register.Models(req.Context())
		if err == nil && seen != nil && *seen != r.Version {
			break
		}
		var s model.Step
		if err == nil {
			s, err = do(r)
		}
		change := ticket.Change{Models: &s}
		if fault.Is(err, fault.Duplicate) {
			s.Register, change, err = r, ticket.Change{}, nil
		}
		if err != nil {
			d.fail(w, req, err, nil)
			return
		}
		lost := false
		if d.write(w, req, click, answer{http.StatusOK, showModels(s.Register)}, change, func() { lost = true }) || !lost {
			return
		}
	}
	d.problem(w, problem{
		Status: http.StatusConflict, Title: "Los modelos cambiaron",
		Detail: "Otra persona cambió los modelos mientras los mirabas. Revisa cómo quedaron e inténtalo de nuevo.",
	})
}
