package x

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"sence.gob.cl/gestor/shared/once"
	texts "sence.gob.cl/gestor/shared/post"
)

// Act does one thing with a post besides answering it, with one request. What was so already is done: an unknown outcome may
// be tried again. X hides only answers in our own conversations, and no longer takes likes from applications like ours.
// (PUT /2/tweets/{id}/hidden, DELETE /2/tweets/{id})
func (o *Outbound) Act(ctx context.Context, act texts.Act) (texts.Receipt, error) {
	const op = "x.Act"
	call := once.Call{Path: "/2/tweets/" + act.Target + "/hidden", Method: http.MethodPut, Body: hiding{Hidden: act.Verb == texts.Hide}}
	switch act.Verb {
	case texts.Hide, texts.Unhide:
	case texts.Remove:
		call = once.Call{Path: "/2/tweets/" + act.Target, Method: http.MethodDelete}
	case texts.Like:
		return texts.Receipt{}, once.Refuse(op, once.ReasonUnsupported, "verb")
	default:
		return texts.Receipt{}, once.Refuse(op, once.ReasonUnsupported, "verb")
	}
	switch {
	case !number(act.Account):
		return texts.Receipt{}, once.Refuse(op, once.ReasonInput, "account")
	case !number(act.Target):
		return texts.Receipt{}, once.Refuse(op, once.ReasonInput, "target")
	}
	answer, err := o.call(ctx, op, act.Account, call)
	if err != nil {
		return texts.Receipt{}, err
	}
	err = answer.Verdict(op, true, refused)
	receipt := texts.Receipt{Usage: usage(answer, err)}
	if _, explained := problems(answer); explained && act.Verb == texts.Remove && once.Reason(err) == once.ReasonGone {
		return receipt, nil // it is not there: somebody removed it before us
	}
	if err != nil {
		return receipt, err
	}
	if !didIt(answer, act.Verb) {
		return receipt, answer.Fail(op, true, once.Refusal{})
	}
	return receipt, nil
}

// hiding is the body of hiding and showing again.
type hiding struct {
	Hidden bool `json:"hidden"`
}

// didIt reports that a success says what was asked for.
func didIt(answer once.Answer, verb texts.Verb) bool {
	var now struct {
		Data struct {
			Hidden  json.RawMessage `json:"hidden"`
			Deleted json.RawMessage `json:"deleted"`
		} `json:"data"`
	}
	if !answer.Object(&now) {
		return false
	}
	if verb == texts.Remove {
		return string(now.Data.Deleted) == "true"
	}
	return string(now.Data.Hidden) == strconv.FormatBool(verb == texts.Hide)
}
