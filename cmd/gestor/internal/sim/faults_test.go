package sim

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// raw writes one POST on a bare connection and gives what came back and how the connection ended.
func (r *rig) raw(path, headers, body string, leaveAfter time.Duration) (answer string, err error) {
	r.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if leaveAfter > 0 {
		if err := conn.SetReadDeadline(time.Now().Add(leaveAfter)); err != nil {
			r.t.Fatal(err)
		}
	}
	req := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n%s", path, len(body), headers, body)
	if _, err := io.WriteString(conn, req); err != nil {
		r.t.Fatal(err)
	}
	all, err := io.ReadAll(conn)
	return string(all), err
}

func (r *rig) rawComment(object, message string, leaveAfter time.Duration) (string, error) {
	headers := "Authorization: Bearer " + testToken + "\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	return r.raw("/graph/v25.0/"+object+"/comments", headers, "message="+message+"&appsecret_proof="+hmacHex(testSecret, []byte(testToken)), leaveAfter)
}

func (r *rig) rawFiling(key string, leaveAfter time.Duration) (string, error) {
	headers := "Authorization: Bearer " + siacToken + "\r\nIdempotency-Key: " + key + "\r\nContent-Type: application/json\r\n"
	return r.raw("/siac-api/v1/casos", headers, filingBody("RS-"+key, key), leaveAfter)
}

func (r *rig) breaks(body string) {
	r.t.Helper()
	calls[[]mishap](r, 200, http.MethodDelete, "/sim/faults", "")
	calls[mishap](r, 201, http.MethodPost, "/sim/faults", body)
}

func (r *rig) sentTexts() []string {
	r.t.Helper()
	texts := []string{}
	for _, s := range calls[[]sentItem](r, 200, http.MethodGet, "/sim/facebook/sent", "") {
		texts = append(texts, s.Text)
	}
	return texts
}

// end is how a connection may end: what was answered, and the error that reading met.
type end func(answer string, err error) bool

func reset(answer string, err error) bool { return answer == "" && errors.Is(err, syscall.ECONNRESET) }

func silent(answer string, err error) bool {
	return answer == "" && (err == nil || errors.Is(err, syscall.ECONNRESET))
}

func left(answer string, err error) bool {
	var timeout net.Error
	return answer == "" && errors.As(err, &timeout) && timeout.Timeout()
}

func says(parts ...string) end {
	return func(answer string, err error) bool {
		return err == nil && !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(answer, p) })
	}
}

func TestFaultsOnTheWire(t *testing.T) {
	for _, c := range []struct {
		mode           string
		applied        bool
		facebook, siac end
	}{
		{applyThen500, true, says("HTTP/1.1 500", `{"debug":{}}`), says("HTTP/1.1 500", `{"debug":{}}`)},
		{applyThenReset, true, reset, reset},
		{applyThenHang, true, left, left},
		{refuse429, false, says("HTTP/1.1 429", "Retry-After: 2", `"code":32`, `"call_count":100`), says("HTTP/1.1 429", "Retry-After: 2", `"reintentable":true`)},
		{refuse500, false, says("HTTP/1.1 500", `"code":2`, `"is_transient":true`), says("HTTP/1.1 500", "application/problem+json")},
		{tokenExpired, false, says("HTTP/1.1 400", `"code":190`), says("HTTP/1.1 401", "Www-Authenticate")},
		{down, false, silent, silent},
		{slow, true, says("HTTP/1.1 200", `"id"`), says("HTTP/1.1 201", `"folio"`)},
	} {
		t.Run(c.mode, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			leave := time.Duration(0)
			if c.mode == applyThenHang {
				leave = 300 * time.Millisecond
			}
			r.publishUnder(c.mode, c.applied, leave, c.facebook)
			r.breaks(`{"target":"siac","mode":"` + c.mode + `","count":1,"ms":50}`)
			if answer, err := r.rawFiling("k", leave); !c.siac(answer, err) {
				t.Errorf("siac answered %q, %v", answer, err)
			}
			if cases := calls[[]siacBrief](r, 200, http.MethodGet, "/sim/siac/casos", ""); (len(cases) == 1) != c.applied {
				t.Errorf("%d cases, applied %v", len(cases), c.applied)
			}
		})
	}
}

// publishUnder publishes twice under a fault that strikes once.
func (r *rig) publishUnder(mode string, applied bool, leave time.Duration, want end) {
	r.t.Helper()
	comment := r.write(`{"text":"hola"}`)
	r.breaks(`{"target":"facebook","mode":"` + mode + `","rate":1,"count":1,"ms":50}`)
	if answer, err := r.rawComment(comment.ID, "uno", leave); !want(answer, err) {
		r.t.Errorf("facebook answered %q, %v", answer, err)
	}
	if answer, err := r.rawComment(comment.ID, "dos", 0); !says("HTTP/1.1 200")(answer, err) {
		r.t.Errorf("after count was used up: %q, %v", answer, err)
	}
	texts := []string{"dos"}
	if applied {
		texts = []string{"uno", "dos"}
	}
	if diff := cmp.Diff(texts, r.sentTexts()); diff != "" {
		r.t.Errorf("published (-want +got):\n%s", diff)
	}
}

func TestReadsSufferOnlySlowAndDown(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	for _, mode := range modes() {
		if mode == slow || mode == down || !fits(targetFacebook, mode) {
			continue
		}
		r.breaks(`{"target":"facebook","mode":"` + mode + `"}`)
		if status, v := r.graph(http.MethodGet, "/graph/v25.0/"+c.ID, ""); status != http.StatusOK {
			t.Errorf("%s: reading gives %d %v", mode, status, v)
		}
	}
	r.breaks(`{"target":"facebook","mode":"down"}`)
	if res, err := http.Get(r.url + "/graph/v25.0/" + c.ID); err == nil {
		_ = res.Body.Close()
		t.Error("down: reading gives an answer")
	}
	if status, _ := r.call(http.MethodGet, "/siac-api/v1/salud", ""); status != http.StatusOK {
		t.Errorf("facebook is down and siac answers %d", status)
	}
	r.breaks(`{"target":"siac","mode":"slow","ms":20}`)
	r.call(http.MethodGet, "/siac-api/v1/salud", "")
	if hits := r.sim.activeFaults()[0].Hits; hits != 1 {
		t.Errorf("slow hit %d reads, want 1", hits)
	}
}

func TestARefusedWriteUsesUpNoFault(t *testing.T) {
	r := newRig(t)
	r.breaks(`{"target":"facebook","mode":"apply_then_500","count":1}`)
	if status, v := r.graph(http.MethodPost, "/graph/v25.0/1_2/comments", "message=hola"); status != http.StatusBadRequest {
		t.Errorf("gone object under apply_then_500: %d %v", status, v)
	}
	c := r.write(`{"text":"hola"}`)
	if status, _ := r.graph(http.MethodPost, "/graph/v25.0/"+c.ID+"/comments", "message=hola"); status != http.StatusInternalServerError {
		t.Errorf("first write that applies: %d, want 500", status)
	}
}

func TestDroppedWebhooksAreNeverDelivered(t *testing.T) {
	r := newRig(t)
	r.breaks(`{"target":"facebook","mode":"drop_webhooks","count":1}`)
	lost := r.write(`{"text":"nadie lo sabrá"}`)
	r.write(`{"text":"esto sí"}`)
	if _, v, _ := r.change(1); v["message"] != "esto sí" {
		t.Errorf("delivered %v", v)
	}
	if status, _ := r.graph(http.MethodGet, "/graph/v25.0/"+lost.ID, ""); status != http.StatusOK {
		t.Errorf("the network forgot it: %d", status)
	}
	c := calls[siacBrief](r, 201, http.MethodPost, "/siac-api/v1/casos", filingBody("RS-1", "a"), siacHeaders("a")...)
	r.breaks(`{"target":"siac","mode":"drop_webhooks"}`)
	m := calls[moved](r, 200, http.MethodPost, "/sim/siac/casos/"+c.Folio+"/eventos", `{"estado":"cerrado"}`)
	if m.Notice.State != "descartado" || len(r.gestor.deliveries("/siac/callback")) != 0 {
		t.Errorf("notice %+v", m.Notice)
	}
}

func TestDuplicatesPassUnlessRefused(t *testing.T) {
	r := newRig(t)
	c := r.write(`{"text":"hola"}`)
	path := "/graph/v25.0/" + c.ID + "/comments"
	r.graph(http.MethodPost, path, "message=igual")
	r.graph(http.MethodPost, path, "message=igual")
	r.breaks(`{"target":"facebook","mode":"refuse_duplicate"}`)
	_, v := r.graph(http.MethodPost, path, "message=igual")
	if code, _ := graphCode(v); code != 506 {
		t.Errorf("third: %v, want 506", v)
	}
	r.graph(http.MethodPost, path, "message=distinto")
	if diff := cmp.Diff([]string{"igual", "igual", "distinto"}, r.sentTexts()); diff != "" {
		t.Errorf("published (-want +got):\n%s", diff)
	}
}

func TestTheSameSeedHitsTheSameRequests(t *testing.T) {
	pattern := func(seed int) string {
		r := newRig(t)
		r.breaks(fmt.Sprintf(`{"target":"facebook","mode":"refuse_500","rate":0.4,"seed":%d}`, seed))
		c := r.write(`{"text":"hola"}`)
		var hits strings.Builder
		for i := range 40 {
			status, _ := r.graph(http.MethodPost, "/graph/v25.0/"+c.ID+"/comments", fmt.Sprintf("message=%d", i))
			fmt.Fprintf(&hits, "%d ", status)
		}
		return hits.String()
	}
	first, same, other := pattern(7), pattern(7), pattern(8)
	if first != same {
		t.Errorf("seed 7 gave %s and %s", first, same)
	}
	if first == other {
		t.Error("seeds 7 and 8 hit the same requests")
	}
	if hits := strings.Count(first, "500"); hits < 6 || hits > 26 {
		t.Errorf("%d of 40 hit at rate 0.4", hits)
	}
}

func TestBadFaultsAreRefused(t *testing.T) {
	r := newRig(t)
	for body, status := range map[string]int{
		`{"target":"facebook","mode":"explota"}`:                400,
		`{"target":"luna","mode":"slow"}`:                       400,
		`{"target":"x","mode":"refuse_duplicate"}`:              400,
		`{"target":"siac","mode":"slow","rate":1.5}`:            400,
		`{"target":"siac","mode":"slow","count":-1}`:            400,
		`{"target":"siac","mode":"slow","ms":999999}`:           400,
		`{"target":"siac","mode":"refuse_duplicate"}`:           400,
		`{"target":"siac","mode":"slow","rate":"a veces"}`:      400,
		`{"target":"facebook","mode":"down","rate":0,"seed":0}`: 201,
	} {
		if got, raw := r.call(http.MethodPost, "/sim/faults", body); got != status {
			t.Errorf("%s: %d %s, want %d", body, got, raw, status)
		}
	}
	if active := calls[[]mishap](r, 200, http.MethodGet, "/sim/faults", ""); len(active) != 1 {
		t.Errorf("active %v, want one", active)
	}
}
