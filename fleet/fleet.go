// Package fleet holds the domain words of fleet management. It comes with its own issue; today only its place in the house is marked.
package fleet
