package once_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/once"
)

func TestAnswer_Keys(t *testing.T) {
	good := map[string]once.Keys{
		`{"access_token":"a","token_type":"bearer","expires_in":7200,"refresh_token":"r","scope":"b.read a.read a.read"}`: {
			Access: "a", Refresh: "r", Lasts: 2 * time.Hour, Scopes: []string{"a.read", "b.read"},
		},
		`{"access_token":"a","expires_in":"60","refresh_token_expires_in":31536000,"scope":"x,y"}`: {
			Access: "a", Lasts: time.Minute, RefreshLasts: 365 * 24 * time.Hour, Scopes: []string{"x", "y"},
		},
		`{"access_token":"a","token_type":"Bearer","refresh_token":null,"scope":7,"expires_in":[]}`: {Access: "a"},
		`{"access_token":"a","expires_in":-5,"refresh_token_expires_in":1e300}`:                     {Access: "a", RefreshLasts: 10 * 366 * 24 * time.Hour},
		`{"access_token":"a","expires_in":"NaN"}`:                                                   {Access: "a"},
	}
	for body, want := range good {
		got, ok := (once.Answer{Body: []byte(body)}).Keys()
		if !ok || got.Access != want.Access || got.Refresh != want.Refresh || got.Lasts != want.Lasts || got.RefreshLasts != want.RefreshLasts ||
			strings.Join(got.Scopes, " ") != strings.Join(want.Scopes, " ") {
			t.Errorf("%s: %t, access %q refresh %q %s %s %q", body, ok, got.Access, got.Refresh, got.Lasts, got.RefreshLasts, got.Scopes)
		}
	}
	for _, body := range []string{
		``, `null`, `{}`, `[]`, `<html>`, `{"access_token":""}`, `{"access_token":5}`, `{"access_token":"a b"}`, `{"access_token":"a\n"}`, `{"access_token":"ñ"}`,
		`{"access_token":"a","refresh_token":"a b"}`, `{"access_token":"a","token_type":"mac"}`, `{"access_token":"` + strings.Repeat("a", 9000) + `"}`,
	} {
		if got, ok := (once.Answer{Body: []byte(body)}).Keys(); ok || got.Access != "" {
			t.Errorf("%s gives keys", body)
		}
	}
	k := once.Keys{Access: "CANARY", Refresh: "CANARY"}
	if printed := fmt.Sprintf("%v %+v %#v %s", k, k, k, []once.Keys{k}); strings.Contains(printed, "CANARY") {
		t.Errorf("printed as %s", printed)
	}
}

func TestRefusedKeys(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		kind   fault.Kind
		reason string
	}{
		{400, `{"error":"invalid_grant","error_description":"CANARY"}`, fault.Denied, once.ReasonAuth},
		{400, `{"error":"invalid_request","error_description":"CANARY"}`, fault.Denied, once.ReasonAuth},
		{401, `{"error":"invalid_grant"}`, fault.Denied, once.ReasonAuth},
		{401, ``, fault.Denied, once.ReasonAuth},
		{403, `{"error":"access_denied"}`, fault.Denied, once.ReasonAuth},
		{401, `{"error":"invalid_client"}`, fault.Denied, once.ReasonCredentials},
		{400, `{"error":"unauthorized_client"}`, fault.Denied, once.ReasonCredentials},
		{400, `{"error":"invalid_scope"}`, fault.Denied, once.ReasonCredentials},
		{429, `{"error":"slow_down"}`, fault.Transient, once.ReasonThrottle},
		{400, `<html>CANARY`, fault.Uncertain, once.ReasonUnknown},
		{400, `{}`, fault.Uncertain, once.ReasonUnknown},
		{403, `<html>`, fault.Uncertain, once.ReasonUnknown},
		{500, `{"error":"invalid_grant"}`, fault.Uncertain, once.ReasonUnknown},
	} {
		a := once.Answer{Status: c.status, Body: []byte(c.body)}
		err := a.Verdict("op", true, once.RefusedKeys)
		if fault.Of(err) != c.kind || once.Reason(err) != c.reason || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%d %s: %v", c.status, c.body, err)
		}
	}
}

func FuzzKeys(f *testing.F) {
	f.Add([]byte(`{"access_token":"a","expires_in":7200,"refresh_token":"r","scope":"b,a c","token_type":"bearer"}`))
	f.Add([]byte(`{"access_token":"a","expires_in":1e999}`))
	f.Add([]byte(`{"error":"invalid_grant"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		a := once.Answer{Status: 400, Body: body}
		_ = once.RefusedKeys(a)
		k, ok := a.Keys()
		if !ok {
			return
		}
		if k.Access == "" || strings.ContainsAny(k.Access+k.Refresh, " \n\r\x00") || k.Lasts < 0 || k.RefreshLasts < 0 || k.Lasts > 11*366*24*time.Hour {
			t.Errorf("%q gives unusable keys", body)
		}
	})
}
