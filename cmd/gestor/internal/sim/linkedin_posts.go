package sim

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// mostLinkedIn is how many characters a post of LinkedIn has.
const mostLinkedIn = 3000

// shareURN is how LinkedIn names a post of ours where it is published; where people write under it, it is an activity.
func shareURN(id string) string { return strings.Replace(id, ":activity:", ":share:", 1) }

func linkedinInvalid(message string) *linkedinError {
	return &linkedinError{http.StatusUnprocessableEntity, 0, "INVALID_VALUE", message}
}

type linkedinMedium struct {
	ID  string `json:"id"`
	Alt string `json:"altText"`
}

// linkedinPosting is the body of POST /rest/posts.
type linkedinPosting struct {
	Author     string `json:"author"`
	Commentary string `json:"commentary"`
	Visibility string `json:"visibility"`
	State      string `json:"lifecycleState"`
	Goes       struct {
		Feed string `json:"feedDistribution"`
	} `json:"distribution"`
	Content struct {
		Media   *linkedinMedium `json:"media"`
		Several struct {
			Images []linkedinMedium `json:"images"`
		} `json:"multiImage"`
		Article struct {
			Source string `json:"source"`
			Title  string `json:"title"`
		} `json:"article"`
	} `json:"content"`
}

// media gives what hangs on the post.
func (p linkedinPosting) media() []linkedinMedium {
	if p.Content.Media != nil {
		return []linkedinMedium{*p.Content.Media}
	}
	return p.Content.Several.Images
}

// refused says why LinkedIn does not publish, nil when it does.
func (p linkedinPosting) refused(n network) error {
	text, _ := readLittle(p.Commentary)
	several := len(p.Content.Several.Images)
	switch {
	case p.Author != n.Account:
		return &linkedinError{http.StatusForbidden, 100, "ACCESS_DENIED", "Not enough permissions to access: the author is not an organization of the member"}
	case p.Visibility != "PUBLIC" || p.State != "PUBLISHED" || p.Goes.Feed != "MAIN_FEED":
		return linkedinInvalid("visibility, lifecycleState or distribution is invalid")
	case utf8.RuneCountInString(text) > mostLinkedIn:
		return linkedinInvalid("The length of commentary must be at most 3000")
	case several == 1 || several > 20 || several > 0 && p.Content.Media != nil:
		return linkedinInvalid("multiImage must have between 2 and 20 images")
	case p.Content.Article.Source != "" && p.Content.Article.Title == "":
		return linkedinInvalid("title is required but not found")
	case strings.TrimSpace(text) == "" && len(p.media()) == 0:
		return linkedinInvalid("commentary is required but not found")
	}
	return nil
}

// readLittle reads a text in which signs that could mean something are escaped. At the first one that is not and means nothing,
// LinkedIn ends the text, and says so to nobody.
func readLittle(little string) (text string, cut bool) {
	var out strings.Builder
	escaped := false
	for at, r := range little {
		next, _ := utf8.DecodeRuneInString(little[at+utf8.RuneLen(r):])
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
			continue
		case r == '#' && (unicode.IsLetter(next) || unicode.IsDigit(next)):
		case strings.ContainsRune(`|{}@[]()<>#*_~`, r):
			return out.String(), true
		}
		out.WriteRune(r)
	}
	return out.String(), false
}

// linkedinPostNew is POST /rest/posts.
func (s *Simulator) linkedinPostNew(w http.ResponseWriter, r *http.Request) {
	var in linkedinPosting
	n, _ := networkOf(targetLinkedIn)
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyLimit))
	if err != nil || json.Unmarshal(body, &in) != nil {
		writeLinkedInError(w, &linkedinError{http.StatusBadRequest, 0, "BAD_REQUEST", "The request body cannot be read"})
		return
	}
	var id string
	err = s.commit(func(t *tx) error {
		if err := in.refused(n); err != nil {
			return err
		}
		var ids []string
		for _, m := range in.media() {
			ids = append(ids, m.ID)
		}
		all, good := t.hung(targetLinkedIn, ids)
		if !good || len(all) > 1 && slices.ContainsFunc(all, func(m medium) bool { return m.Type == mediaVideo }) {
			return linkedinInvalid("content media is not available")
		}
		for i := range all {
			all[i].Alt = in.media()[i].Alt
		}
		text, _ := readLittle(in.Commentary)
		if twin := t.w.said(targetLinkedIn, "", text); twin != nil {
			if _, hit := t.strike(targetLinkedIn, refuseDuplicate); hit {
				return &linkedinError{http.StatusUnprocessableEntity, 0, "DUPLICATE_POST", "Content is a duplicate of " + shareURN(twin.ID)}
			}
		}
		it := item{Kind: kindPost, ID: t.postIDOn(n), Text: text, Link: in.Content.Article.Source, Media: all}
		it.Thread = it.ID
		id, _ = t.speak(n, it) // nobody is told of posts of ours
		t.used(ids, id)
		return nil
	})
	if err != nil {
		writeLinkedInError(w, err)
		return
	}
	w.Header().Set("X-Restli-Id", shareURN(id))
	w.Header().Set("X-Linkedin-Id", shareURN(id))
	w.WriteHeader(http.StatusCreated)
}

// linkedinPostView is a post as LinkedIn's API writes it.
func (i *item) linkedinPostView() obj {
	v := obj{
		"id": shareURN(i.ID), "author": i.From.ID, "commentary": littleText(i.Text), "publishedAt": i.At.UnixMilli(), "createdAt": i.At.UnixMilli(),
		"lastModifiedAt": i.At.UnixMilli(), "visibility": "PUBLIC", "lifecycleState": "PUBLISHED",
	}
	if !i.Changed.IsZero() {
		v["lastModifiedAt"], v["lifecycleStateInfo"] = i.Changed.UnixMilli(), obj{"isEditedByAuthor": true}
	}
	media := []obj{}
	for _, m := range i.Media {
		media = append(media, obj{"id": strings.ReplaceAll(m.ID, "-", ":"), "altText": m.Alt})
	}
	switch {
	case len(media) == 1:
		v["content"] = obj{"media": media[0]}
	case len(media) > 1:
		v["content"] = obj{"multiImage": obj{"images": media}}
	case i.Link != "":
		v["content"] = obj{"article": obj{"source": i.Link}}
	}
	return v
}

// linkedinPosts is GET /rest/posts?q=author: what an organization published, newest first.
func (s *Simulator) linkedinPosts(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("q") != "author" || q.Get("author") == "" {
		writeLinkedInError(w, &linkedinError{http.StatusBadRequest, 0, "ILLEGAL_ARGUMENT", "q=author and author are required"})
		return
	}
	list := []obj{}
	s.read(func(w *world) {
		for _, id := range slices.Backward(w.at(targetLinkedIn).posts) {
			if it := w.items[id]; it.Kind == kindPost && !it.Removed && it.From.ID == q.Get("author") {
				list = append(list, it.linkedinPostView())
			}
		}
	})
	s.writeLinkedInList(w, r, list)
}

// linkedinSocial is GET /rest/socialActions/{urn}: what everybody may know of a post.
func (s *Simulator) linkedinSocial(w http.ResponseWriter, urn string) {
	var found obj
	var err error
	s.read(func(w *world) {
		var it *item
		if it, err = w.linkedinObject(urn); err == nil {
			n := w.counted(it)
			found = obj{
				"$URN": urn, "target": urn, "likesSummary": obj{"totalLikes": n.likes, "aggregatedTotalLikes": n.likes},
				"commentsSummary": obj{"totalFirstLevelComments": len(w.replies[it.ID]), "aggregatedTotalComments": len(w.stream(it.ID))},
			}
		}
	})
	if err != nil {
		writeLinkedInError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, found)
}

// linkedinStatistics is GET /rest/organizationalEntityShareStatistics, of single posts.
func (s *Simulator) linkedinStatistics(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	n, _ := networkOf(targetLinkedIn)
	if q.Get("q") != "organizationalEntity" || q.Get("organizationalEntity") != n.Account {
		writeLinkedInError(w, &linkedinError{http.StatusBadRequest, 0, "ILLEGAL_ARGUMENT", "q and organizationalEntity are required"})
		return
	}
	list := []obj{}
	s.read(func(w *world) {
		for _, urn := range strings.Split(strings.TrimSuffix(strings.TrimPrefix(q.Get("shares"), "List("), ")"), ",") {
			it, err := w.linkedinObject(urn)
			if err != nil || !it.Own {
				continue
			}
			n := w.counted(it)
			list = append(list, obj{"organizationalEntity": it.From.ID, "share": urn, "totalShareStatistics": obj{
				"impressionCount": n.views, "uniqueImpressionsCount": n.views / 2, "clickCount": n.clicks, "likeCount": n.likes,
				"commentCount": len(w.stream(it.ID)), "shareCount": n.shares, "engagement": 0.1,
			}})
		}
	})
	s.writeLinkedInList(w, r, list)
}
