package sim

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// linkedinError is LinkedIn's error.
type linkedinError struct {
	Status  int    `json:"status"`
	Service int    `json:"serviceErrorCode,omitempty"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (e *linkedinError) Error() string { return e.Message }

func writeLinkedInError(w http.ResponseWriter, err error) {
	no, ok := err.(*linkedinError) //nolint:errorlint // made here and wrapped by nobody
	if !ok {
		no = &linkedinError{http.StatusInternalServerError, 0, "INTERNAL_SERVER_ERROR", "Internal Server Error"}
	}
	writeJSON(w, no.Status, no)
}

// refuseLinkedIn answers a write under a fault that does not let it happen.
func refuseLinkedIn(w http.ResponseWriter, _, mode string) {
	switch mode {
	case refuse429:
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		writeLinkedInError(w, &linkedinError{http.StatusTooManyRequests, 101, "TOO_MANY_REQUESTS", "Resource level throttle limit for calls to this resource is reached."})
	case tokenExpired:
		writeLinkedInError(w, &linkedinError{http.StatusUnauthorized, 65602, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired"})
	default:
		writeLinkedInError(w, &linkedinError{http.StatusInternalServerError, 0, "INTERNAL_SERVER_ERROR", "Internal Server Error"})
	}
}

// linkedinVersion is the form of the version every call must name.
var linkedinVersion = regexp.MustCompile(`^20[0-9]{2}(0[1-9]|1[0-2])(\.[0-9]{2})?$`)

// linkedinAPI is LinkedIn's API as far as our system calls it, and its sign-in. Keys in its addresses are URNs,
// percent-encoded.
func (s *Simulator) linkedinAPI() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := strings.TrimPrefix(r.URL.EscapedPath(), "/linkedin-api")
		rest, found := strings.CutPrefix(path, "/rest/")
		parts := strings.Split(rest, "/")
		switch {
		case strings.HasPrefix(path, "/oauth/"):
			s.linkedinSignIn(w, r, path)
			return
		case strings.HasPrefix(path, "/dms-uploads/"):
			s.linkedinPut(w, r)
			return
		case !linkedinVersion.MatchString(r.Header.Get("Linkedin-Version")):
			writeLinkedInError(w, &linkedinError{http.StatusBadRequest, 0, "VERSION_MISSING", "A version must be present. Please specify a version by adding the LinkedIn-Version header."})
			return
		case !found:
			writeLinkedInError(w, noResource())
			return
		}
		k, err := s.linkedinOpen(r, linkedinNeeds(r.Method, parts[0]), parts[0] == "organizationAcls")
		if err != nil {
			writeLinkedInError(w, err)
			return
		}
		s.linkedinCall(w, withKey(r, k), parts)
	})
}

// linkedinSignIn answers the addresses of the sign-in.
func (s *Simulator) linkedinSignIn(w http.ResponseWriter, r *http.Request, path string) {
	switch r.Method + " " + path {
	case "GET /oauth/v2/authorization":
		s.pageConsent(appLinkedIn)(w, r)
	case "POST /oauth/v2/accessToken":
		s.linkedinAccess(w, r)
	case "POST /oauth/v2/introspectToken":
		s.linkedinIntrospect(w, r)
	default:
		writeLinkedInError(w, noResource())
	}
}

// linkedinOpen gives the key of a request if it opens the call. To ask which organizations there are, any key that is alive
// will do.
func (s *Simulator) linkedinOpen(r *http.Request, needs []string, asking bool) (*key, error) {
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	var k *key
	var why, lacks string
	s.read(func(w *world) {
		k = w.keyOf(appLinkedIn, bearer, s.cfg.LinkedInToken, true)
		if k != nil {
			why, lacks = w.shut(k, k.Accounts[0], needs, s.cfg.Clock())
		}
	})
	switch {
	case k == nil:
		return nil, &linkedinError{http.StatusUnauthorized, 65600, "INVALID_ACCESS_TOKEN", "Invalid access token"}
	case why == shutExpired:
		return nil, &linkedinError{http.StatusUnauthorized, 65602, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired"}
	case why == shutRevoked:
		return nil, &linkedinError{http.StatusUnauthorized, 65601, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked by the user"}
	case why == shutForeign && !asking:
		return nil, &linkedinError{http.StatusForbidden, 100, "ACCESS_DENIED", "Member does not have permission to act for the organization"}
	case why == shutLacking:
		return nil, &linkedinError{http.StatusForbidden, 100, "ACCESS_DENIED", "Not enough permissions to access: the token lacks " + lacks}
	}
	return k, nil
}

func noResource() *linkedinError {
	return &linkedinError{http.StatusNotFound, 0, "RESOURCE_NOT_FOUND", "No virtual resource found"}
}

// linkedinCall answers a call on a resource: its name, then a key, then what hangs on that and its key. Of keys the call only
// says whether there is one.
func (s *Simulator) linkedinCall(w http.ResponseWriter, r *http.Request, parts []string) {
	parts = append(parts, "", "", "", "")[:4]
	key, id := decoded(parts[1]), decoded(parts[3])
	call := r.Method + " " + parts[0]
	if key != "" {
		call += " K"
	}
	if parts[2] != "" {
		call += " " + parts[2]
	}
	if id != "" {
		call += " I"
	}
	answer := map[string]func(){
		"POST socialActions K comments":           func() { s.linkedinPublish(w, r, key) },
		"GET socialActions K comments":            func() { s.linkedinComments(w, r, key) },
		"GET socialActions K comments I":          func() { s.linkedinOne(w, key, id) },
		"DELETE socialActions K comments I":       func() { s.linkedinRemove(w, r, key, id) },
		"POST reactions":                          func() { s.linkedinReact(w, r, "") },
		"DELETE reactions K":                      func() { s.linkedinReact(w, r, parts[1]) },
		"GET posts K":                             func() { s.linkedinPost(w, key) },
		"GET posts":                               func() { s.linkedinPosts(w, r) },
		"POST posts":                              func() { s.linkedinPostNew(w, r) },
		"POST images":                             func() { s.linkedinBegin(w, r, mediaImage) },
		"POST videos":                             func() { s.linkedinBegin(w, r, mediaVideo) },
		"GET images K":                            func() { s.linkedinBrought(w, key) },
		"GET videos K":                            func() { s.linkedinBrought(w, key) },
		"GET socialActions K":                     func() { s.linkedinSocial(w, key) },
		"GET organizationalEntityShareStatistics": func() { s.linkedinStatistics(w, r) },
		"GET people K":                            func() { s.linkedinPerson(w, key) },
		"GET organizationalEntityNotifications":   func() { s.linkedinNotices(w, r) },
		"GET organizationAcls":                    func() { s.linkedinAcls(w, r) },
		"GET organizations K":                     func() { s.linkedinOrganization(w, key) },
		"GET eventSubscriptions K":                func() { s.linkedinSubscription(w, r, parts[1]) },
		"PUT eventSubscriptions K":                func() { s.linkedinSubscription(w, r, parts[1]) },
		"DELETE eventSubscriptions K":             func() { s.linkedinSubscription(w, r, parts[1]) },
	}[call]
	if answer == nil {
		writeLinkedInError(w, noResource())
		return
	}
	answer()
}

// linkedinObject gives the post or comment a URN means; a share is its activity here.
func (w *world) linkedinObject(urn string) (*item, error) {
	it := w.items[urn]
	if it == nil {
		it = w.items[strings.NewReplacer("urn:li:share:", "urn:li:activity:", "urn:li:ugcPost:", "urn:li:activity:").Replace(urn)]
	}
	if it == nil || it.Removed || it.Network != targetLinkedIn {
		return nil, &linkedinError{http.StatusNotFound, 0, "NOT_FOUND", "The requested social action could not be found"}
	}
	return it, nil
}

// linkedinPublish puts our comment under a post or a comment.
func (s *Simulator) linkedinPublish(w http.ResponseWriter, r *http.Request, urn string) {
	var in struct {
		Actor   string `json:"actor"`
		Object  string `json:"object"`
		Parent  string `json:"parentComment"`
		Message struct {
			Text string `json:"text"`
		} `json:"message"`
	}
	n, _ := networkOf(targetLinkedIn)
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyLimit))
	if err != nil || json.Unmarshal(body, &in) != nil {
		writeLinkedInError(w, &linkedinError{http.StatusBadRequest, 0, "BAD_REQUEST", "The request body cannot be read"})
		return
	}
	target := urn
	if in.Parent != "" {
		target = in.Parent
	}
	var made item
	var told string
	err = s.commit(func(t *tx) error {
		to, err := t.w.linkedinObject(target)
		switch {
		case err != nil:
			return err
		case in.Actor != n.Account:
			return &linkedinError{http.StatusForbidden, 100, "ACCESS_DENIED", "Not enough permissions to access: the actor is not an organization of the member"}
		case in.Object == "":
			return &linkedinError{http.StatusUnprocessableEntity, 0, "MISSING_FIELD", "object is required but not found"}
		case strings.TrimSpace(in.Message.Text) == "" || utf8.RuneCountInString(in.Message.Text) > n.Limit:
			return &linkedinError{http.StatusUnprocessableEntity, 0, "INVALID_VALUE", "The length of message.text must be between 1 and 1250"}
		}
		if twin := t.w.said(targetLinkedIn, to.ID, in.Message.Text); twin != nil {
			if _, hit := t.strike(targetLinkedIn, refuseDuplicate); hit {
				return &linkedinError{http.StatusUnprocessableEntity, 105, "DUPLICATE_CONTENT", "Content is a duplicate of " + twin.ID}
			}
		}
		parent := t.w.level(to)
		var id string
		id, told = t.speak(n, item{Kind: kindComment, ID: t.commentID(n, parent), Thread: to.Thread, Parent: parent.ID, InReplyTo: to.ID, Text: in.Message.Text})
		made = *t.w.items[id]
		return nil
	})
	if err != nil {
		writeLinkedInError(w, err)
		return
	}
	s.echoFirst(targetLinkedIn, lastNumber(made.ID), told)
	w.Header().Set("X-Restli-Id", lastNumber(made.ID))
	writeJSON(w, http.StatusCreated, made.linkedinView())
}

// linkedinView is a comment as LinkedIn's API writes it.
func (i *item) linkedinView() obj {
	at := obj{"actor": i.From.ID, "time": i.At.UnixMilli()}
	out := obj{
		"$URN": i.ID, "commentUrn": i.ID, "id": lastNumber(i.ID), "actor": i.From.ID, "object": i.Thread,
		"message": obj{"attributes": []any{}, "text": i.Text}, "created": at, "lastModified": at,
	}
	if i.Parent != i.Thread {
		out["parentComment"] = i.Parent
	}
	return out
}

// linkedinComments lists what hangs on a post or a comment, oldest first; start and count page it.
func (s *Simulator) linkedinComments(w http.ResponseWriter, r *http.Request, urn string) {
	elements := []obj{}
	var err error
	s.read(func(w *world) {
		var to *item
		if to, err = w.linkedinObject(urn); err != nil {
			return
		}
		for _, it := range w.under(to.ID) {
			elements = append(elements, it.linkedinView())
		}
	})
	if err != nil {
		writeLinkedInError(w, err)
		return
	}
	s.writeLinkedInList(w, r, elements)
}
