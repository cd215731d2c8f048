"""E-mail a French retirement home's monthly invoices to the families."""
