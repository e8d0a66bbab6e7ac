package desk

import (
	"errors"
	"net/http"
	"strings"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/ticket"
)

// errNobody: the gateway verified no token. Its authorizer answers such a request itself; where it does not stand before us
// (sam local start-api plays none), nobody gets further than here.
var errNobody = errors.New("no verified token")

// caller is who the gateway says is asking. A token without one of our roles may do nothing.
func (d *Desk) caller(req *http.Request) (ticket.Actor, error) {
	claims := d.cfg.Claims(req.Context())
	id := claims["cognito:username"]
	if id == "" {
		id = claims["sub"]
	}
	if id == "" {
		return ticket.Actor{}, &fault.Error{
			Kind: fault.Denied, Op: "desk.caller", Public: "Vuelve a ingresar: no sabemos quién eres.", Err: errNobody,
		}
	}
	a := ticket.Actor{ID: id, Name: claims["name"]}
	for _, group := range groups(claims["cognito:groups"]) {
		for _, role := range ticket.Roles() {
			if string(role) == group {
				a.Roles = append(a.Roles, role)
			}
		}
	}
	return a, nil
}

// groups reads a list claim as the gateway writes it: "[a b]", "a b", "a,b" or a JSON list.
func groups(claim string) []string {
	return strings.FieldsFunc(claim, func(r rune) bool { return strings.ContainsRune(`[]", `, r) })
}

func (d *Desk) me(w http.ResponseWriter, req *http.Request) {
	a, err := d.caller(req)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	who, matters := ticket.ReachOf(a), mattersOf(a)
	roles := a.Roles
	if roles == nil {
		roles = []ticket.Role{}
	}
	d.json(w, http.StatusOK, map[string]any{
		"id": a.ID, "name": a.Name, "roles": roles,
		"may": map[string]bool{
			"read": who.Ordinary || who.Restricted, "ordinary": who.Ordinary, "restricted": who.Restricted,
			"operate": ticket.Allowed(a, ticket.CanOperate), "attention": matters.Ordinary || matters.Restricted || matters.Posts,
			"channels": ticket.Allowed(a, ticket.CanSeeChannels), "connect": ticket.Allowed(a, ticket.CanConnect),
			"capture": ticket.Allowed(a, ticket.CanCapture), "posts": ticket.Allowed(a, ticket.CanSeePosts),
			"post": ticket.Allowed(a, ticket.CanPost), "approvePost": ticket.Allowed(a, ticket.CanApprovePost),
			"emergency": ticket.Allowed(a, ticket.CanEmergency), "label": ticket.Allowed(a, ticket.CanLabel),
			"model": ticket.Allowed(a, ticket.CanSeeModel), "exportModel": ticket.Allowed(a, ticket.CanExportModel),
		},
	})
}
