package sim

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// filingBody is a filing that lacks nothing: entered on Friday 30-10-2026 in Santiago.
func filingBody(ref, key string) string {
	return `{"canal":"redes_sociales","red":"facebook","tipo_solicitud":"reclamo","descripcion":"No llega el pago.",` +
		`"fecha_ingreso":"2026-10-30T15:00:00Z","zona":"America/Santiago","clave_idempotencia":"` + key + `","ref_externa":"` + ref + `"}`
}

func siacHeaders(key string) []header {
	return []header{{"Authorization", "Bearer " + siacToken}, {"Idempotency-Key", key}}
}

func TestFilingIsIdempotent(t *testing.T) {
	r := newRig(t)
	body := filingBody("RS-2026-0000001-1", "facebook:comment:1_2")
	headers := siacHeaders("facebook:comment:1_2")
	first := calls[siacBrief](r, http.StatusCreated, http.MethodPost, "/siac-api/v1/casos", body, headers...)
	if !strings.HasPrefix(first.Folio, "SIAC-SIM-") || first.State != "ingresado" || first.Due != "2026-11-27" || first.Computable != "2026-10-30" || first.Sequence != 1 {
		t.Errorf("filed %+v", first)
	}
	again := calls[siacBrief](r, http.StatusOK, http.MethodPost, "/siac-api/v1/casos", body, headers...)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("repeated (-first +again):\n%s", diff)
	}
	// The order of members is not another body.
	var v map[string]any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	calls[siacBrief](r, http.StatusOK, http.MethodPost, "/siac-api/v1/casos", string(sorted), headers...)
	other := strings.Replace(body, "No llega", "Sigue sin llegar", 1)
	p := calls[siacProblem](r, http.StatusConflict, http.MethodPost, "/siac-api/v1/casos", other, headers...)
	if p.Code != "clave_reutilizada" || p.Retryable {
		t.Errorf("problem %+v", p)
	}
	if cases := calls[[]siacBrief](r, 200, http.MethodGet, "/sim/siac/casos", ""); len(cases) != 1 {
		t.Errorf("%d cases, want 1", len(cases))
	}
}

func TestTheSameFilingAtOnceIsOneCase(t *testing.T) {
	r := newRig(t)
	body := filingBody("RS-2026-0000001-1", "k")
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() { r.call(http.MethodPost, "/siac-api/v1/casos", body, siacHeaders("k")...) })
	}
	wg.Wait()
	if cases := calls[[]siacBrief](r, 200, http.MethodGet, "/sim/siac/casos", ""); len(cases) != 1 {
		t.Errorf("%d cases, want 1", len(cases))
	}
}

func TestFilingsAreValidated(t *testing.T) {
	r := newRig(t)
	for field, change := range map[string][2]string{
		"canal":              {`"canal":"redes_sociales",`, ``},
		"red":                {`"red":"facebook"`, `"red":"myspace"`},
		"tipo_solicitud":     {`"reclamo"`, `"queja"`},
		"descripcion":        {`"No llega el pago."`, `" "`},
		"fecha_ingreso":      {`2026-10-30T15:00:00Z`, `2026-10-30T12:00:00-03:00`},
		"zona":               {`America/Santiago`, `America/Ninguna`},
		"clave_idempotencia": {`"clave_idempotencia":"k"`, `"clave_idempotencia":"otra"`},
		"ref_externa":        {`"ref_externa":"RS-1"`, `"ref_externa":""`},
	} {
		body := strings.Replace(filingBody("RS-1", "k"), change[0], change[1], 1)
		p := calls[siacProblem](r, http.StatusUnprocessableEntity, http.MethodPost, "/siac-api/v1/casos", body, siacHeaders("k")...)
		if len(p.Fields) != 1 || p.Fields[0].Field != field || p.Fields[0].Motive == "" {
			t.Errorf("without %s: campos %v", field, p.Fields)
		}
	}
	for name, c := range map[string]struct {
		headers []header
		body    string
		status  int
	}{
		"no token":    {[]header{{"Idempotency-Key", "k"}}, filingBody("RS-1", "k"), 401},
		"wrong token": {[]header{{"Idempotency-Key", "k"}, {"Authorization", "Bearer otro"}}, filingBody("RS-1", "k"), 401},
		"no key":      {[]header{{"Authorization", "Bearer " + siacToken}}, filingBody("RS-1", "k"), 400},
		"long key":    {siacHeaders(strings.Repeat("k", 129)), filingBody("RS-1", "k"), 400},
		"broken":      {siacHeaders("k"), `{`, 400},
		"not json":    {append(siacHeaders("k"), header{"Content-Type", "text/plain"}), filingBody("RS-1", "k"), 415},
		"other years": {siacHeaders("k"), strings.Replace(filingBody("RS-1", "k"), "2026-10", "2090-10", 1), 422},
	} {
		status, raw := r.call(http.MethodPost, "/siac-api/v1/casos", c.body, c.headers...)
		var p siacProblem
		if err := json.Unmarshal(raw, &p); err != nil || status != c.status || p.Status != c.status || p.ID == "" {
			t.Errorf("%s: %d %s, want %d", name, status, raw, c.status)
		}
	}
	if cases := calls[[]siacBrief](r, 200, http.MethodGet, "/sim/siac/casos", ""); len(cases) != 0 {
		t.Errorf("refused filings made %d cases", len(cases))
	}
}

func TestCasesAreFoundByReference(t *testing.T) {
	r := newRig(t)
	auth := header{"Authorization", "Bearer " + siacToken}
	type list struct{ Items []siacBrief }
	if l := calls[list](r, 200, http.MethodGet, "/siac-api/v1/casos?ref_externa=RS-1", "", auth); l.Items == nil || len(l.Items) != 0 {
		t.Errorf("before filing: %v, want an empty list", l.Items)
	}
	a := calls[siacBrief](r, 201, http.MethodPost, "/siac-api/v1/casos", filingBody("RS-1", "a"), siacHeaders("a")...)
	calls[siacBrief](r, 201, http.MethodPost, "/siac-api/v1/casos", filingBody("RS-2", "b"), siacHeaders("b")...)
	if l := calls[list](r, 200, http.MethodGet, "/siac-api/v1/casos?ref_externa=RS-1", "", auth); len(l.Items) != 1 || l.Items[0].Folio != a.Folio {
		t.Errorf("found %v, want %s", l.Items, a.Folio)
	}
	if one := calls[siacBrief](r, 200, http.MethodGet, "/siac-api/v1/casos/"+a.Folio, "", auth); one.Ref != "RS-1" || len(one.History) != 1 {
		t.Errorf("case %+v", one)
	}
	calls[siacProblem](r, 404, http.MethodGet, "/siac-api/v1/casos/NADA", "", auth)
	if s := calls[map[string]string](r, 200, http.MethodGet, "/siac-api/v1/salud", ""); s["estado"] != "ok" {
		t.Errorf("salud = %v", s)
	}
	calls[siacProblem](r, 422, http.MethodPost, "/siac-api/v1/casos/"+a.Folio+"/eventos", `{"texto":"sin tipo"}`, auth)
	ev := calls[map[string]any](r, 201, http.MethodPost, "/siac-api/v1/casos/"+a.Folio+"/eventos", `{"tipo":"respuesta","texto":"Se respondió."}`, siacHeaders("e1")...)
	same := calls[map[string]any](r, 200, http.MethodPost, "/siac-api/v1/casos/"+a.Folio+"/eventos", `{"tipo":"respuesta","texto":"Se respondió."}`, siacHeaders("e1")...)
	if ev["secuencia"] != 2.0 || cmp.Diff(ev, same) != "" {
		t.Errorf("event %v, repeated %v", ev, same)
	}
}

func TestAMovedCaseCallsBackSigned(t *testing.T) {
	r := newRig(t)
	c := calls[siacBrief](r, 201, http.MethodPost, "/siac-api/v1/casos", filingBody("RS-1", "a"), siacHeaders("a")...)
	path := "/sim/siac/casos/" + c.Folio + "/eventos"
	m := calls[moved](r, 200, http.MethodPost, path, `{"estado":"respondido","texto":"Ya se pagó."}`)
	if m.Notice.State != "entregado" || m.Sequence != 2 {
		t.Errorf("moved %+v", m)
	}
	d := r.delivered("/siac/callback", 1)
	stamp := d.header.Get("X-Siac-Timestamp")
	if want := "sha256=" + hmacHex(siacSecret, append([]byte(stamp+"."), d.body...)); d.header.Get("X-Siac-Signature") != want {
		t.Errorf("X-Siac-Signature = %s, want %s", d.header.Get("X-Siac-Signature"), want)
	}
	var cb callback
	if err := json.Unmarshal(d.body, &cb); err != nil {
		t.Fatal(err)
	}
	want := callback{m.ID, c.Folio, 2, "cambio_estado", r.clock.now(), callbackData{"respondido", "Ya se pagó.", "RS-1"}}
	if diff := cmp.Diff(want, cb); diff != "" {
		t.Errorf("callback (-want +got):\n%s", diff)
	}
	for body, status := range map[string]int{`{"estado":"inventado"}`: 400, `{}`: 400} {
		if got, _ := r.call(http.MethodPost, path, body); got != status {
			t.Errorf("%s: %d, want %d", body, got, status)
		}
	}
	if got, _ := r.call(http.MethodPost, "/sim/siac/casos/NADA/eventos", `{"estado":"cerrado"}`); got != http.StatusNotFound {
		t.Errorf("unknown folio: %d, want 404", got)
	}
}

func TestACallbackWithoutARouteStaysOwed(t *testing.T) {
	r := newRig(t)
	r.gestor.answer("/siac/callback", http.StatusNotFound)
	c := calls[siacBrief](r, 201, http.MethodPost, "/siac-api/v1/casos", filingBody("RS-1", "a"), siacHeaders("a")...)
	m := calls[moved](r, 200, http.MethodPost, "/sim/siac/casos/"+c.Folio+"/eventos", `{"estado":"en_analisis"}`)
	if m.Notice.State != "pendiente" || !strings.Contains(m.Notice.Detail, "404") || !strings.Contains(m.Notice.Detail, "reintentará") {
		t.Errorf("notice %+v", m.Notice)
	}
	first := r.delivered("/siac/callback", 1)
	r.gestor.answer("/siac/callback", 0)
	r.clock.move(pause(1))
	second := r.delivered("/siac/callback", 2)
	r.eventually("nothing owed", func() bool { return len(r.sim.outbox.list()) == 0 })
	if string(first.body) != string(second.body) {
		t.Error("the second try has another body")
	}
}
