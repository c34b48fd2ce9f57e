// Package cloud holds the domain words of the contact-center core (cloudd). Its children are the parts; they may import agents, internal
// and ui/view, never device or firmware.
package cloud
