package httpapi

import "net/http"

// Kind says what went wrong, in the same words as the rest of the core's HTTP interface.
type Kind string

// Kinds of failure.
const (
	Invalid          Kind = "invalid"            // the request makes no sense; Field says where
	Unauthenticated  Kind = "unauthenticated"    // no valid session, token or secret
	Denied           Kind = "denied"             // your role does not allow this, or the request comes from another site
	NotFound         Kind = "not_found"          // no such booth, command, code or claim
	MethodNotAllowed Kind = "method_not_allowed" // the Allow header says what is
	Conflict         Kind = "conflict"           // an id that is taken, a version that is not the newest, a state in which this cannot be done
	TooLarge         Kind = "too_large"          // the body
	UnsupportedMedia Kind = "unsupported_media"  // Content-Type
	TooMany          Kind = "too_many"           // attempts: wait
	Unavailable      Kind = "unavailable"        // nothing was done: ask again
	Internal         Kind = "internal"           // a defect of the server
)

// Status is the HTTP status of a kind.
func (k Kind) Status() int {
	switch k {
	case Invalid:
		return http.StatusBadRequest
	case Unauthenticated:
		return http.StatusUnauthorized
	case Denied:
		return http.StatusForbidden
	case NotFound:
		return http.StatusNotFound
	case MethodNotAllowed:
		return http.StatusMethodNotAllowed
	case Conflict:
		return http.StatusConflict
	case TooLarge:
		return http.StatusRequestEntityTooLarge
	case UnsupportedMedia:
		return http.StatusUnsupportedMediaType
	case TooMany:
		return http.StatusTooManyRequests
	case Unavailable:
		return http.StatusServiceUnavailable
	case Internal:
	}
	return http.StatusInternalServerError
}

// Failure is why a request failed.
type Failure struct {
	Kind    Kind   `json:"kind"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message,omitempty"` // English, for logs and developers
}

func (f *Failure) Error() string {
	s := string(f.Kind)
	if f.Field != "" {
		s += ": " + f.Field
	}
	if f.Message != "" {
		s += ": " + f.Message
	}
	return s
}

// FailureBody is the body of every answer that is not 2xx.
type FailureBody struct {
	Error *Failure `json:"error"`
}
