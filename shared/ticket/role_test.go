package ticket_test

import (
	"slices"
	"testing"

	"sence.gob.cl/gestor/shared/ticket"
)

// Who proposes what we publish, who lets it out, who does so alone in an emergency, and who sees it; nobody else.
func TestAllowed_Posts(t *testing.T) {
	want := map[ticket.Verb][]ticket.Role{
		ticket.CanPost:        {ticket.CommunityManager, ticket.Supervisor, ticket.Comunicaciones},
		ticket.CanApprovePost: {ticket.Supervisor, ticket.JefaturaUnidad, ticket.Comunicaciones},
		ticket.CanEmergency:   {ticket.Supervisor, ticket.JefaturaUnidad},
		ticket.CanSeePosts:    {ticket.CommunityManager, ticket.Supervisor, ticket.JefaturaUnidad, ticket.Comunicaciones, ticket.Auditor},
	}
	for verb, roles := range want {
		for _, role := range ticket.Roles() {
			by := ticket.Actor{ID: "persona", Roles: []ticket.Role{role}}
			if got, want := ticket.Allowed(by, verb), slices.Contains(roles, role); got != want {
				t.Errorf("%s may %s: %v, want %v", role, verb, got, want)
			}
		}
	}
}
