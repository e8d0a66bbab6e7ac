package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/ticket"
)

// errStalePost tells that the post is not the one the caller saw.
var errStalePost = fault.Say(fault.Conflict, "desk.onPost", postMoved)

// postRounds is how often a step on a post is decided anew after another writer was faster.
const postRounds = 4

// onPost carries out a write on the post of the address, and on others of its series.
func (d *Desk) onPost(w http.ResponseWriter, req *http.Request, make func(o postOrder, lead agenda.Plan) (deed, error)) {
	by, ok := d.reader(w, req)
	if !ok {
		return
	}
	click, o, bad := askedPost(req, by)
	if bad != nil {
		d.problem(w, *bad)
		return
	}
	// The post is read before the remembered answer, as a case is.
	lead, err := d.cfg.Plans.Plan(req.Context(), req.PathValue("id"))
	if d.repeated(w, req, click) {
		return
	}
	var body []byte
	if err == nil {
		s := stepper{d: d, req: req, by: by, click: click, strict: req.PathValue("action") == "approve"}
		body, err = s.all(o, lead, make)
	}
	switch {
	case err == nil:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(body)
	case (fault.Is(err, fault.Duplicate) || fault.Is(err, fault.Conflict)) && d.repeated(w, req, click):
	default:
		d.failPost(w, req, by, err)
	}
}

// stepper carries out one deed of one click.
type stepper struct {
	d      *Desk
	req    *http.Request
	by     ticket.Actor
	click  ticket.Click
	decide deed
	// lenient passes by a post that the deed finds fault with, too; strict decides nothing anew on what somebody changed
	// meanwhile.
	lenient, strict bool
}

// all carries out what the order asks for on the post and on those of its series that are meant.
func (s stepper) all(o postOrder, lead agenda.Plan, make func(o postOrder, lead agenda.Plan) (deed, error)) ([]byte, error) {
	if o.Version != nil && *o.Version != lead.Post.Version {
		return nil, &overtaken{errStalePost, lead}
	}
	var err error
	if s.decide, err = make(o, lead); err != nil {
		return nil, err
	}
	others, err := s.d.others(s.req.Context(), o.Scope, lead)
	if err != nil {
		return nil, err
	}
	var applied *appliedJSON
	if len(others) > 0 {
		if applied, err = s.along(lead, others); err != nil {
			return nil, err
		}
	}
	return s.take(lead.Post.ID, o.Version, applied)
}

// along carries out the deed on the others, once it is known that it may be done: on the first one, and on all those whose
// state takes it. Each remembers the click, so that one that was cut short goes on where it ended, and no post is moved twice.
func (s stepper) along(lead agenda.Plan, others []agenda.Plan) (*appliedJSON, error) {
	ctx := s.req.Context()
	e, err := s.d.eye(ctx, s.by, s.d.cfg.Arrived(ctx))
	if err != nil {
		return nil, err
	}
	if _, err := s.decide(e, lead); err != nil {
		return nil, because(err, lead)
	}
	return s.each(e, others)
}

// each carries out the deed on each of the posts whose state takes it, once all of them were looked at.
func (s stepper) each(e eye, others []agenda.Plan) (*appliedJSON, error) {
	out := &appliedJSON{Skipped: []skippedJSON{}}
	var todo []agenda.Plan
	for _, p := range others {
		done, err := s.done(p.Post.ID)
		if err == nil && done {
			out.Changed++
			continue
		}
		if err == nil {
			_, err = s.decide(e, p)
		}
		switch {
		case err == nil:
			todo = append(todo, p)
		case s.passes(err):
			out.Skipped = append(out.Skipped, skippedJSON{p.Post.ID, ticket.OptionOf(err).Why})
		default:
			return nil, inSeries(err, p)
		}
	}
	for _, p := range todo {
		why, err := s.member(e, p.Post.ID)
		switch {
		case err != nil:
			return nil, err
		case why != "":
			out.Skipped = append(out.Skipped, skippedJSON{p.Post.ID, why})
		default:
			out.Changed++
		}
	}
	return out, nil
}

// passes reports whether a refusal lets a post of many be passed by.
func (s stepper) passes(err error) bool {
	return fault.Is(err, fault.Conflict) || fault.Is(err, fault.Denied) || s.lenient && fault.Is(err, fault.Invalid)
}

// inSeries says of which post of its series a refusal is.
func inSeries(err error, p agenda.Plan) error {
	var f *fault.Error
	if !fault.Is(err, fault.Invalid) || !errors.As(err, &f) || p.Post.Place == 0 {
		return err
	}
	said := *f
	said.Public = "Publicación " + strconv.Itoa(p.Post.Place) + " de la serie: " + f.Public
	var bad *flawed
	if errors.As(err, &bad) {
		return &flawed{&said, bad.findings}
	}
	return &said
}

// because adds the post to a refusal that is because of how it is.
func because(err error, p agenda.Plan) error {
	if fault.Is(err, fault.Conflict) {
		return &overtaken{err, p}
	}
	return err
}

// mark names what a click did to one post of many.
func (s stepper) mark(id string) string { return digest("member", s.click.Key, id) }

func (s stepper) done(id string) (bool, error) {
	was, found, err := s.d.cfg.Cases.Answer(s.req.Context(), s.mark(id))
	if found && was.Digest != s.click.Digest {
		return false, errUsedKey
	}
	return found, err
}

// member carries out the deed on one post of many; why tells that it was passed by.
func (s stepper) member(e eye, id string) (why string, err error) {
	ctx := s.req.Context()
	for range postRounds {
		p, err := s.d.cfg.Plans.Plan(ctx, id)
		if err != nil {
			return "", err
		}
		change, err := s.decide(e, p)
		switch {
		case err != nil && (s.passes(err) || fault.Is(err, fault.Invalid)):
			return ticket.OptionOf(err).Why, nil
		case err != nil:
			return "", err
		}
		change.Click = &ticket.Click{Key: s.mark(id), Digest: s.click.Digest, Status: http.StatusNoContent, At: e.now}
		err = s.d.cfg.Cases.Commit(ctx, change)
		switch {
		case err == nil, fault.Is(err, fault.Duplicate): // or another hand of the same click was faster
			return "", nil
		case !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound):
			return "", err
		}
	}
	return postMoved, nil
}

// take carries out the deed on the post itself, together with the remembered answer. Without a version it is decided on the
// freshest, and again when somebody was faster; but nobody lets out what somebody else changed at the
// same moment.
func (s stepper) take(id string, version *int, applied *appliedJSON) ([]byte, error) {
	ctx, now := s.req.Context(), s.d.cfg.Arrived(s.req.Context())
	said := ""
	for range postRounds {
		p, err := s.d.cfg.Plans.Plan(ctx, id)
		if err != nil {
			return nil, err
		}
		if version != nil && *version != p.Post.Version || s.strict && said != "" && said != p.Post.Digest() {
			return nil, &overtaken{errStalePost, p}
		}
		said = p.Post.Digest()
		e, err := s.d.eye(ctx, s.by, now)
		if err != nil {
			return nil, err
		}
		change, err := s.decide(e, p)
		if err != nil {
			return nil, because(err, p)
		}
		body, err := s.answered(e, afterPost(p, change), applied)
		if err != nil {
			return nil, err
		}
		click := s.click
		click.Status, click.Body, click.At = http.StatusOK, body, now
		change.Click = &click
		err = s.d.cfg.Cases.Commit(ctx, change)
		if err == nil {
			return body, nil
		}
		if !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	p, err := s.d.cfg.Plans.Plan(ctx, id)
	if err != nil {
		return nil, err
	}
	return nil, &overtaken{errStalePost, p}
}

// answered is the answer that is remembered.
func (s stepper) answered(e eye, p agenda.Plan, applied *appliedJSON) ([]byte, error) {
	shown, err := s.d.showPost(e, p)
	if err != nil {
		return nil, err
	}
	shown.Applied = applied
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(shown); err != nil {
		return nil, fault.New(fault.Permanent, "desk.answered", err)
	}
	return body.Bytes(), nil
}
