"""What spreadsheets and statistics programs that speak OData 4.0 are shown, in the shapes of ODK Central."""
