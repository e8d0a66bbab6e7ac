package linkedin

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"sence.gob.cl/gestor/shared/once"
	"sence.gob.cl/gestor/shared/post"
)

// reaction is what our organization thinks of a post or a comment.
type reaction struct {
	Root string `json:"root"`
	Kind string `json:"reactionType"`
}

// Act does one thing besides answering, with one request, in the name of our organization. What was so already is done: an
// unknown outcome may be tried again. LinkedIn hides nothing.
// (DELETE /rest/socialActions/{urn}/comments/{id}, POST /rest/reactions)
func (o *Outbound) Act(ctx context.Context, act post.Act) (post.Receipt, error) {
	const op = "linkedin.Act"
	if act.Verb != post.Remove && act.Verb != post.Like {
		return post.Receipt{}, once.Refuse(op, once.ReasonUnsupported, "verb")
	}
	us := organizationOf(act.Account)
	if us == "" {
		return post.Receipt{}, once.Refuse(op, once.ReasonInput, "account")
	}
	actor := "actor=" + url.QueryEscape(us)
	comment, isComment := parseComment(act.Target)
	target := parsePost(act.Target)
	if isComment {
		target = comment.String()
	}
	call, already := once.Call{Path: "/rest/reactions?" + actor, Body: reaction{Root: target, Kind: "LIKE"}}, once.ReasonDuplicate
	if act.Verb == post.Remove {
		call, already = once.Call{Method: http.MethodDelete, Path: comment.path() + "?" + actor}, once.ReasonGone
		if !isComment {
			target = "" // our posts are no business of ours
		}
	}
	if target == "" {
		return post.Receipt{}, once.Refuse(op, once.ReasonInput, "target")
	}
	answer, err := o.call(ctx, op, act.Account, call)
	if err != nil {
		return post.Receipt{}, err
	}
	err = answer.Verdict(op, true, refusedAct)
	receipt := post.Receipt{Usage: usage(answer, err)}
	switch {
	case once.Reason(err) == already && answer.Object(&struct{}{}): // what stands before LinkedIn answers 404 too
		return receipt, nil
	case err != nil:
		return receipt, err
	case !said(answer):
		return receipt, answer.Fail(op, true, once.Refusal{})
	}
	return receipt, nil
}

// refusedAct reads a refusal of something that may be so already: LinkedIn takes one reaction of each kind from each.
func refusedAct(a once.Answer) once.Refusal {
	r := refused(a)
	if r.Reason == "" && a.Status == http.StatusConflict && a.Object(&struct{}{}) {
		r.Reason = once.ReasonDuplicate
	}
	return r
}

// said reports a success in LinkedIn's own words, which for these are an object or none at all.
func said(a once.Answer) bool {
	return strings.TrimSpace(string(a.Body)) == "" || a.Object(&struct{}{})
}
