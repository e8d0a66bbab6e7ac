package meta

import (
	"context"
	"net/http"
	"strconv"

	facebook "github.com/huandu/facebook/v2"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// Act does something with a comment or post besides answering it, with one request that writes and never a second. Done
// twice it is done once, so fault.Uncertain asks for nothing but to do it again.
func (o Outbound) Act(ctx context.Context, a post.Act) (post.Receipt, error) {
	const op = "meta.Act"
	edge, params, there := o.deed(a.Verb)
	switch {
	case !there:
		return post.Receipt{}, fault.New(fault.Permanent, op, &Failure{Reason: ReasonUnsupported})
	case !objectLike(a.Target):
		return post.Receipt{}, &fault.Error{Kind: fault.Invalid, Op: op, Field: "target", Err: &Failure{Reason: ReasonInput}}
	}
	c, token, err := o.client(ctx, a.Account)
	if err != nil {
		return post.Receipt{}, err
	}
	if a.Verb == post.Remove {
		err = c.remove(ctx, op, token, a.Target)
	} else {
		err = c.do(ctx, op, token, facebook.POST, a.Target, edge, params)
	}
	return post.Receipt{Usage: c.meter.read()}, err
}

// deed says how a verb is asked for: the edge of the object, and the parameters; false for what the network does not have.
func (o Outbound) deed(v post.Verb) (edge string, params facebook.Params, there bool) {
	hide := "is_hidden"
	if o.network == mention.Instagram {
		hide = "hide"
	}
	switch v {
	case post.Hide, post.Unhide:
		return "", facebook.Params{hide: strconv.FormatBool(v == post.Hide)}, true
	case post.Like:
		return "/likes", facebook.Params{}, o.network == mention.Facebook
	case post.Remove:
		return "", nil, true
	}
	return "", nil, false
}

// do asks for something that is answered with nothing but its success.
func (c *Client) do(ctx context.Context, op, token string, method facebook.Method, id, edge string, params facebook.Params) error {
	if err := usable(ctx, op, token, id); err != nil {
		return err
	}
	res, err := c.call(ctx, op, token, method, id+edge, params)
	if err != nil {
		return err
	}
	if done, ok := res["success"].(bool); !ok || !done {
		return fault.New(fault.Uncertain, op, &Failure{Reason: ReasonUnknown, Status: http.StatusOK})
	}
	return nil
}

// remove takes something of ours away. Graph answers with one error to what is gone already and to what the token may not
// touch; a look tells them apart, because the right to read is another one.
func (c *Client) remove(ctx context.Context, op, token, id string) error {
	err := c.do(ctx, op, token, facebook.DELETE, id, "", facebook.Params{})
	if Reason(err) != ReasonGone {
		return err
	}
	switch _, look := c.call(ctx, op, token, facebook.GET, id, facebook.Params{"fields": "id"}); {
	case look == nil:
		return fault.New(fault.Denied, op, &Failure{Reason: ReasonPermission})
	case Reason(look) == ReasonGone:
		return nil
	default:
		return look
	}
}
