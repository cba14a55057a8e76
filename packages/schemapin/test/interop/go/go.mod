module example.com/schemapin-reference

go 1.21
