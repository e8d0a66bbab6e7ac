// Package model is the register of the classifier's models: which are known, which one decides, and which one is tried in its
// shadow. The model of the program itself needs no register: it decides while none does, and whenever the named one cannot.
package model

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/fault"
)

// Embedded names the model of the program that runs.
const Embedded = "embedded"

// None names no model, where one may be left out.
const None = "none"

// Chain is the chain of the bitácora that the steps of the register are entries of.
const Chain = "models:register"

// Shortest is how many letters of a name are enough to say which model is meant; Short how many name one in results.
const (
	Shortest = 8
	Short    = 8
)

// most is how many models are known at once: a year of one a week, and the item they stand in is still a small one.
const most = 60

// Known is a model that lies in storage. Name is the SHA-256 of its bytes in hexadecimal, Label what it is called in
// results, Reading how texts were read when it was trained (package classify).
type Known struct {
	Name    string    `json:"name"`
	Label   string    `json:"label"`
	Reading string    `json:"reading"`
	Size    int       `json:"size"`
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	ByName  string    `json:"byName,omitempty"`
}

// NameOf gives the name of a model by its bytes.
func NameOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Alias is what the model is called in results, after its own label.
func (k Known) Alias() string { return k.Name[:min(Short, len(k.Name))] }

// Register is all that is known. Current and Previous are names, or Embedded; Shadow is one of both, or empty. Version is its lock and
// that of its chain, Head the hash of its last entry. At and By tell of the last switch.
type Register struct {
	Version  int       `json:"version"`
	Head     string    `json:"head"`
	Current  string    `json:"current,omitempty"`
	Shadow   string    `json:"shadow,omitempty"`
	Previous string    `json:"previous,omitempty"`
	At       time.Time `json:"at,omitzero"`
	By       string    `json:"by,omitempty"`
	ByName   string    `json:"byName,omitempty"`
	Models   []Known   `json:"models,omitempty"`
}

// Step is a register as a step leaves it, and the entry that tells of the step.
type Step struct {
	Register Register
	Entry    audit.Entry
}

// Person is who makes a step.
type Person struct{ ID, Name string }

// Deciding names the model that decides.
func (r Register) Deciding() string { return cmp.Or(r.Current, Embedded) }

// Before names the model that decided before.
func (r Register) Before() string { return cmp.Or(r.Previous, Embedded) }

// Model gives a known model by its whole name.
func (r Register) Model(name string) (Known, bool) {
	i := slices.IndexFunc(r.Models, func(k Known) bool { return k.Name == name })
	if i < 0 {
		return Known{}, false
	}
	return r.Models[i], true
}

// Find gives the name of the model that is meant: Embedded, or a known one by the beginning of its name.
func (r Register) Find(meant string) (string, error) {
	const op = "model.Find"
	if meant == Embedded {
		return Embedded, nil
	}
	found := ""
	for _, k := range r.Models {
		switch {
		case len(meant) < Shortest || !strings.HasPrefix(k.Name, meant):
		case found != "":
			return "", fault.Reject(op, "model", "Hay más de un modelo que empieza así: escribe más letras de su nombre.")
		default:
			found = k.Name
		}
	}
	if found == "" {
		return "", fault.Reject(op, "model", "Ese modelo no está. Mira los que hay con gestor model list, y nómbralo con al menos 8 letras.")
	}
	return found, nil
}

// Add makes a model known. Nothing changes by it in what decides.
func (r Register) Add(k Known, by Person, now time.Time) (Step, error) {
	const op = "model.Add"
	if _, known := r.Model(k.Name); known {
		return Step{}, fault.Say(fault.Duplicate, op, "Ese modelo ya estaba.")
	}
	if len(r.Models) >= most {
		if r = r.withoutOldest(); len(r.Models) >= most {
			return Step{}, fault.Say(fault.Invalid, op, "Hay demasiados modelos.")
		}
	}
	k.At, k.By, k.ByName = now.UTC(), by.ID, by.Name
	r.Models = append(slices.Clone(r.Models), k)
	return r.next(audit.ModelAdded, "", k.Name, by, now), nil
}

// withoutOldest forgets the model that was added first of those nobody uses.
func (r Register) withoutOldest() Register {
	for i, k := range r.Models {
		if !slices.Contains([]string{r.Current, r.Shadow, r.Previous}, k.Name) {
			r.Models = slices.Delete(slices.Clone(r.Models), i, i+1)
			return r
		}
	}
	return r
}

// Try runs a model in the shadow of the one that decides; None ends that.
func (r Register) Try(meant string, by Person, now time.Time) (Step, error) {
	const op = "model.Try"
	was, name := r.Shadow, ""
	if meant != None {
		var err error
		if name, err = r.Find(meant); err != nil {
			return Step{}, err
		}
	}
	switch name {
	case r.Deciding():
		return Step{}, fault.Reject(op, "model", "Ese modelo es el que decide: a su sombra corre otro.")
	case was:
		return Step{}, same(op)
	}
	r.Shadow = name
	return r.next(audit.ModelTried, cmp.Or(was, None), cmp.Or(name, None), by, now), nil
}

// Use lets a model decide. The one that did is remembered for Back; a shadow that is now the model itself ends.
func (r Register) Use(meant string, by Person, now time.Time) (Step, error) {
	name, err := r.Find(meant)
	if err != nil {
		return Step{}, err
	}
	if name == r.Deciding() {
		return Step{}, same("model.Use")
	}
	return r.switched(name, audit.ModelUsed, by, now), nil
}

// Back lets the model decide again that did before. Twice, it changes nothing.
func (r Register) Back(by Person, now time.Time) (Step, error) {
	if r.Before() == r.Deciding() {
		return Step{}, fault.Say(fault.Invalid, "model.Back", "No hay un modelo anterior al que volver.")
	}
	return r.switched(r.Before(), audit.ModelBack, by, now), nil
}

func (r Register) switched(name string, kind audit.Kind, by Person, now time.Time) Step {
	was := r.Deciding()
	r.Current, r.Previous = name, was
	if r.Shadow == name {
		r.Shadow = ""
	}
	r.At, r.By, r.ByName = now.UTC(), by.ID, by.Name
	return r.next(kind, was, name, by, now)
}

// same is the answer to a step that would change nothing.
func same(op string) error { return fault.Say(fault.Duplicate, op, "Ya estaba así: no cambió nada.") }

// next seals a step.
func (r Register) next(kind audit.Kind, from, to string, by Person, now time.Time) Step {
	entry := audit.Entry{
		Ticket: Chain, Version: r.Version + 1, At: now, Actor: by.ID, ActorName: by.Name, Kind: kind, From: from, To: to, Scope: audit.OfModel,
	}.Seal(r.Head)
	r.Version, r.Head = entry.Version, entry.Hash
	return Step{Register: r, Entry: entry}
}
