package dynamo

import (
	"context"
	"errors"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/model"
)

// coherentModels is coherent for the register of models: no step without its entry, in a chain of its own.
func coherentModels(s *model.Step) error {
	if s == nil {
		return nil
	}
	r, e := s.Register, s.Entry
	switch {
	case e.Ticket != model.Chain || e.Scope != audit.OfModel || e.Hash == "":
		return errors.New("models without an entry of theirs")
	case r.Version < 1 || e.Version != r.Version || e.Hash != r.Head:
		return errors.New("entry is not of this version of the models")
	default:
		return nil
	}
}

// modelOps are the register and its entry.
func (p *plan) modelOps(s *model.Step) {
	if s == nil {
		return
	}
	p.add(p.store.knownOp(modelsKey(), s.Register.Version, s.Register, time.Time{}))
	p.add(p.store.entryOp(s.Entry))
}

// Models gives the register of the classifier's models as it is now; an empty one while nobody has changed anything.
func (s *Store) Models(ctx context.Context) (model.Register, error) {
	var r model.Register
	_, _, err := s.maybeDoc(ctx, "dynamo.Models", modelsKey(), &r)
	return r, err
}
