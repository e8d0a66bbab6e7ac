package sim

import (
	"crypto/hmac"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// graphVersions are the versions answered; calls without one are refused, as ours must always name it.
func graphVersions() []string { return []string{"v25.0", "v26.0"} }

// graphError is Graph's error (platforms.md §5.1).
type graphError struct {
	status    int
	Message   string `json:"message"`
	Type      string `json:"type"`
	Code      int    `json:"code"`
	Subcode   int    `json:"error_subcode,omitempty"`
	Transient bool   `json:"is_transient,omitempty"`
	Title     string `json:"error_user_title,omitempty"`
	User      string `json:"error_user_msg,omitempty"`
	Trace     string `json:"fbtrace_id"`
}

func (e *graphError) Error() string { return e.Message }

func oauthError(code int, message string) *graphError {
	return &graphError{status: http.StatusBadRequest, Message: message, Type: "OAuthException", Code: code}
}

func methodError(message string) *graphError {
	return &graphError{status: http.StatusBadRequest, Message: message, Type: "GraphMethodException", Code: 100}
}

// gone is the answer for an object that is not there, or not for us.
func gone(method, id string) *graphError {
	return &graphError{
		status: http.StatusBadRequest, Type: "GraphMethodException", Code: 100, Subcode: 33,
		Message: "Unsupported " + strings.ToLower(method) + " request. Object with ID '" + id + "' does not exist, " +
			"cannot be loaded due to missing permissions, or does not support this operation.",
	}
}

func writeGraphError(w http.ResponseWriter, err error) {
	var no *graphError
	if !errors.As(err, &no) {
		no = &graphError{status: http.StatusInternalServerError, Message: "An unknown error occurred", Type: "OAuthException", Code: 1, Transient: true}
	}
	out := *no
	out.Trace = "A" + token(no.Message, 22)
	if no.Code == 190 {
		w.Header().Set("WWW-Authenticate", `OAuth "Facebook Platform" "invalid_token" "`+no.Message+`"`)
	}
	writeGraph(w, no.status, map[string]any{"error": out})
}

// writeGraph answers as Graph does, with its content type and usage headers.
func writeGraph(w http.ResponseWriter, status int, v any) {
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=UTF-8")
	h.Set("Facebook-Api-Version", graphVersions()[0])
	usage(h, 1)
	writeJSON(w, status, v)
}

// usage sets the headers that say how much of the quota is gone, in percent, unless they are set.
func usage(h http.Header, percent int) {
	if h.Get("X-App-Usage") != "" {
		return
	}
	p := strconv.Itoa(percent)
	h.Set("X-App-Usage", `{"call_count":`+p+`,"total_time":`+p+`,"total_cputime":`+p+`}`)
	h.Set("X-Page-Usage", `{"call_count":`+p+`,"total_time":`+p+`,"total_cputime":`+p+`}`)
}

// refuseGraph answers a write under a fault that does not let it happen.
func refuseGraph(w http.ResponseWriter, target, mode string) {
	switch mode {
	case refuse429:
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		usage(w.Header(), 100)
		e := oauthError(32, "(#32) Page request limit reached")
		switch target {
		case targetInstagram:
			e = oauthError(80002, "(#80002) There have been too many calls to this Instagram account.")
		case targetWhatsApp:
			e = oauthError(130429, "(#130429) Rate limit hit")
		}
		e.status = http.StatusTooManyRequests
		writeGraphError(w, e)
	case tokenExpired:
		e := oauthError(190, "Error validating access token: Session has expired.")
		e.Subcode = 463
		writeGraphError(w, e)
	default:
		e := oauthError(2, "An unexpected error has occurred. Please retry your request later.")
		e.status, e.Transient = http.StatusInternalServerError, true
		writeGraphError(w, e)
	}
}

// graph answers /graph/{version}/{object}[/{edge}].
func (s *Simulator) graph(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, "/graph/"), "/"), "/")
	if !slices.Contains(graphVersions(), parts[0]) || len(parts) < 2 || len(parts) > 3 {
		writeGraphError(w, oauthError(2635, "(#2635) You are calling an unknown or unversioned path of the Graph API."))
		return
	}
	object, edge := parts[1], strings.Join(parts[2:], "")
	if object == "dialog" && edge == "oauth" && r.Method == http.MethodGet {
		s.pageConsent(appMeta)(w, r)
		return
	}
	if err := graphForm(r); err != nil {
		writeGraphError(w, err)
		return
	}
	if object == "oauth" && edge == "access_token" {
		s.graphToken(w, r)
		return
	}
	k, err := s.graphKey(r, object == "debug_token")
	if err != nil {
		writeGraphError(w, err)
		return
	}
	switch method := methodOf(r); object {
	case "debug_token":
		s.graphDebug(w, r)
	case "me":
		s.graphMe(w, r, k, strings.TrimSpace(method+" me "+edge))
	default:
		s.graphCall(w, r, k, method+" "+edge, object)
	}
}

// methodOf is the method of a request, which a POST may name in its form.
func methodOf(r *http.Request) string {
	if override := strings.ToUpper(r.Form.Get("method")); r.Method == http.MethodPost && override != "" {
		return override
	}
	return r.Method
}

// graphCall answers a call on an object, if the key opens it.
func (s *Simulator) graphCall(w http.ResponseWriter, r *http.Request, k *key, call, object string) {
	account, network := s.graphAccount(object)
	if call == "GET conversations" && network == targetFacebook && r.Form.Get("platform") == targetInstagram {
		account, network = s.linked(object), targetInstagram
	}
	needs := graphNeeds(network, call, s.isMessage(object))
	if call == "POST " && s.isDraft(object) {
		needs = graphNeeds(network, "POST feed", false)
	}
	switch {
	case object != account || call != "GET ":
	case network == targetFacebook: // anybody may know the name of a page
		needs = nil
	case network == targetWhatsApp:
		needs = []string{"whatsapp_business_management"}
	}
	var why, lacks string
	s.read(func(w *world) { why, lacks = w.shut(k, account, needs, s.cfg.Clock()) })
	switch {
	case why != "":
		writeGraphError(w, shutTo(r.Method, object, why, lacks))
	case k.Kind == keyUser && network == targetFacebook && call != "GET ":
		writeGraphError(w, oauthError(210, "(#210) A page access token is required to request this resource."))
	default:
		s.graphEdge(call, object)(w, r, object)
	}
}

// shutTo is what Graph says when a key does not open a call on an object.
func shutTo(method, object, why, lacks string) error {
	switch {
	case why == shutForeign:
		return gone(method, object)
	case why == shutLacking && method == http.MethodGet:
		e := shutError(why, lacks)
		e.Code, e.Message = 10, "(#10) This endpoint requires the '"+lacks+"' permission"
		return e
	}
	return shutError(why, lacks)
}

// graphAccount gives the account of ours that an object of Graph belongs to, and its network.
func (s *Simulator) graphAccount(object string) (account, network string) {
	if network = s.networkOfAccount(object); network != "" {
		return object, network
	}
	for _, phone := range []string{networkAccount(targetWhatsApp), secondAccount(targetWhatsApp)} {
		if object == businessOf(phone) {
			return phone, targetWhatsApp
		}
	}
	network = s.graphNetwork(object)
	return s.account(network), network
}

// isMessage reports the id of a private message.
func (s *Simulator) isMessage(object string) (message bool) {
	s.read(func(w *world) {
		it := w.items[object]
		message = it != nil && it.Kind == kindDM
	})
	return message
}

// graphEdge gives what answers a method on an edge of an object.
func (s *Simulator) graphEdge(call, object string) func(http.ResponseWriter, *http.Request, string) {
	if s.isDraft(object) {
		switch call {
		case "GET ":
			return s.draftView
		case "POST ":
			return s.showVideo
		}
	}
	switch call {
	case "POST comments":
		return s.graphPublish
	case "GET comments", "GET replies":
		return s.graphComments
	case "POST replies":
		return s.instagramPublish
	case "GET messages":
		return s.graphTexts
	case "GET ":
		return s.graphObject
	case "POST ":
		return s.graphChange
	case "DELETE ":
		return s.graphRemove
	case "GET insights":
		return s.insights
	case "POST likes":
		return s.graphLike(actLike)
	case "DELETE likes":
		return s.graphLike(actUnlike)
	}
	if answer := s.accountEdge(call, object); answer != nil {
		return answer
	}
	return func(w http.ResponseWriter, r *http.Request, object string) {
		writeGraphError(w, gone(r.Method, object))
	}
}

// accountEdge gives what answers a call on one of our accounts, nil for what none has.
func (s *Simulator) accountEdge(call, object string) func(http.ResponseWriter, *http.Request, string) {
	account, network := s.graphAccount(object)
	switch {
	case network == targetWhatsApp && object == businessOf(account):
		return s.businessEdge(call)
	case object != account:
		return nil
	case isSecond(account) && strings.HasPrefix(call, "POST ") && call != "POST subscribed_apps":
		return nil // nobody writes there
	case network == targetFacebook:
		return s.pageEdge(call)
	case network == targetInstagram:
		return s.instagramEdge(call)
	case network == targetWhatsApp && call == "POST messages":
		return s.whatsappMessage
	}
	return nil
}

// pageEdge gives what answers a call on the page.
func (s *Simulator) pageEdge(call string) func(http.ResponseWriter, *http.Request, string) {
	switch call {
	case "GET subscribed_apps":
		return s.graphSubscription
	case "POST subscribed_apps":
		return s.graphSubscribe
	case "DELETE subscribed_apps":
		return s.graphUnsubscribe
	case "POST messages":
		return s.graphMessage
	case "GET conversations":
		return s.graphTalks(targetFacebook)
	case "GET feed", "GET visitor_posts":
		return s.graphPosts(targetFacebook, func(it *item) bool { return onWall(it) && (call == "GET feed" || !it.Own) })
	case "GET posts":
		return s.graphPosts(targetFacebook, onProfile)
	case "POST feed":
		return s.pagePost
	case "POST photos", "POST videos":
		return s.bring(call == "POST videos")
	case "GET tagged":
		return s.graphPosts(targetFacebook, tagging)
	case "GET ratings":
		return s.graphRatings
	}
	return nil
}

// instagramEdge gives what answers a call on the Instagram account.
func (s *Simulator) instagramEdge(call string) func(http.ResponseWriter, *http.Request, string) {
	switch call {
	case "POST mentions":
		return s.instagramMention
	case "POST messages":
		return s.graphMessage
	case "GET conversations":
		return s.graphTalks(targetInstagram)
	case "GET media":
		return s.graphPosts(targetInstagram, onProfile)
	case "POST media":
		return s.contain
	case "POST media_publish":
		return s.instagramPost
	case "GET content_publishing_limit":
		return s.publishingLimit
	case "GET tags":
		return s.graphPosts(targetInstagram, tagging)
	}
	return nil
}

// graphForm makes r.Form of a form or of a JSON body, whose nested values stay JSON.
func graphForm(r *http.Request) error {
	r.Body = http.MaxBytesReader(nil, r.Body, bodyLimit)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/json" {
		var err error
		if kind == "multipart/form-data" {
			err = r.ParseMultipartForm(bodyLimit)
		} else {
			err = r.ParseForm()
		}
		if err != nil {
			return oauthError(100, "(#100) The request body cannot be read")
		}
		return nil
	}
	body, err := io.ReadAll(r.Body)
	var values map[string]json.RawMessage
	if err != nil || (len(body) > 0 && json.Unmarshal(body, &values) != nil) {
		return oauthError(100, "(#100) The request body is not valid JSON")
	}
	r.Form = r.URL.Query()
	if r.Form == nil {
		r.Form = url.Values{}
	}
	for name, raw := range values {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		r.Form.Set(name, text)
	}
	return nil
}

// graphKey wants a key in the header, never in the address, and the proof that the caller holds the app's secret. To look at
// a key, the application's own will do.
func (s *Simulator) graphKey(r *http.Request, app bool) (*key, error) {
	if r.Form.Has("access_token") {
		return nil, oauthError(190, "This simulator takes the access token in the Authorization header only.")
	}
	bearer, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found || bearer == "" {
		return nil, oauthError(104, "An access token is required to request this resource.")
	}
	if own := s.cfg.MetaAppID + "|" + s.cfg.AppSecret(); app && hmac.Equal([]byte(bearer), []byte(own)) {
		return &key{App: appMeta, Kind: keyApp}, nil
	}
	var k *key
	var why string
	s.read(func(w *world) {
		if k = w.keyOf(appMeta, bearer, s.cfg.PageToken, false); k != nil && k.Kind != keyFirst {
			why = w.over(k, s.cfg.Clock()) // of the first key only the account can tell
		}
	})
	switch {
	case k == nil:
		return nil, shutError(shutUnknown, "")
	case r.Form.Get("appsecret_proof") == "":
		return nil, methodError("API calls from the server require an appsecret_proof argument")
	case !hmac.Equal([]byte(r.Form.Get("appsecret_proof")), []byte(sign256(s.cfg.AppSecret(), []byte(bearer)))):
		return nil, methodError("Invalid appsecret_proof provided in the API argument")
	case why != "":
		return nil, shutError(why, "")
	}
	return k, nil
}
