package template

import (
	"slices"
	"strings"
	"testing"

	"sence.gob.cl/gestor/infra/golden"
)

// TestParse_Golden holds the local system to what is deployed: everything in the golden template is understood, and
// every function's environment resolves.
func TestParse_Golden(t *testing.T) {
	tpl, err := Parse(golden.Template())
	if err != nil {
		t.Fatal(err)
	}
	l := Locals{
		Account: "000000000000", Region: "us-east-1", Refs: map[string]string{}, Attributes: map[string]string{},
		Parameters: map[string]string{
			"Accounts": "{}", "SiacUrl": "http://127.0.0.1/", "OidcIssuer": "http://127.0.0.1/oidc", "OidcAudience": "gestor",
			"OidcClientId": "consola", "ConsoleUrl": "http://127.0.0.1/",
		},
	}
	for _, q := range tpl.Queues {
		l.Refs[q.ID], l.Attributes[q.ID+".Arn"] = "http://127.0.0.1/"+q.Name(), "arn:"+q.Name()
	}
	for _, table := range tpl.Tables {
		l.Refs[table.ID] = table.ID
	}
	for _, b := range tpl.Buckets {
		l.Refs[b.ID] = strings.ToLower(b.ID)
	}
	for _, s := range tpl.Secrets {
		l.Refs[s.ID] = "arn:" + s.ID
	}
	l.Attributes["Api.ApiEndpoint"] = "http://127.0.0.1"
	var names []string
	for _, f := range tpl.Functions {
		names = append(names, f.Name)
		env, err := tpl.Environment(f, l)
		if err != nil {
			t.Error(err)
		}
		if env["GESTOR_FUNCTION"] != f.Name || env["GESTOR_TIMEOUT_SECONDS"] == "" {
			t.Errorf("%s: environment %v", f.Name, env)
		}
	}
	if want := []string{"deliver", "desk", "escalate", "fetch", "intake", "relay", "tick", "webhook"}; !slices.Equal(names, want) {
		t.Errorf("functions: got %v, want %v", names, want)
	}
	if len(tpl.Routes) == 0 || len(tpl.Sources) != 6 || len(tpl.Tables) != 2 || len(tpl.Rules) != 2 || len(tpl.Buckets) != 2 {
		t.Errorf("got %d routes, %d sources, %d tables, %d rules, %d buckets", len(tpl.Routes), len(tpl.Sources), len(tpl.Tables),
			len(tpl.Rules), len(tpl.Buckets))
	}
	guarded := slices.ContainsFunc(tpl.Routes, func(r Route) bool { return r.Key == "ANY /api/v1/{proxy+}" && r.Authorizer != nil })
	if !guarded {
		t.Error("the API is not behind the authorizer")
	}
}
